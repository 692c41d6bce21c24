// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.holdfast.coordinator.batch.Operations;
import org.holdfast.coordinator.index.CheckpointIndex;
import org.holdfast.coordinator.operation.ManagedJob;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The Spring side of a coordinator: only what it uses, named one by one, for a quick start. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  DataSourceAutoConfiguration.class,
  DataSourceTransactionManagerAutoConfiguration.class,
  BatchJdbcAutoConfiguration.class
})
class CoordinatorConfiguration {

  @Bean
  CheckpointIndex index(DataSource database, ManagedJob job) throws SQLException {
    CheckpointIndex index = new CheckpointIndex(database, job.store(), job.id());
    index.create();
    return index;
  }

  @Bean
  Operations operations(JobOperator operator, JobRepository repository, ManagedJob job) {
    return new Operations(operator, repository, job);
  }
}
