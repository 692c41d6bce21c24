# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Parallel programs over MPI, mpirun and its daemons included: killed and restarted, their results are the same.

# shellcheck source=tests/e2e/survives.sh
. "$here/survives.sh"

# So many kills, of programs that run so much longer.
rounds=${MPI_ROUNDS:-3}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# halo MPI EXCHANGES RANKS TRANSPORT...: our own halo exchange, which checks every message; so many for each kill.
halo() {
	local mpi=$1 exchanges=$2 ranks=$3
	shift 3
	command -v "mpicc.$mpi" >/dev/null || skip "mpicc.$mpi is not installed"
	"mpicc.$mpi" -O2 -o "$scratch/halo" "$here/programs/halo.c" || fail "halo.c is compiled"
	survives "$rounds" "mpirun.$mpi" "$@" -np "$ranks" "$scratch/halo" $(((rounds + 1) * exchanges)) result/sums
}

test_openmpi_shared_memory() {
	halo openmpi 26000 2 --oversubscribe
}

test_openmpi_tcp() {
	halo openmpi 13000 4 --oversubscribe --mca btl tcp,self
}

test_mpich() {
	halo mpich 40000 2
}

# LAMMPS tells the time that it took: only its thermodynamic output is compared.
test_lammps() {
	command -v lmp >/dev/null || skip "lammps is not installed"
	export steps=$(((rounds + 1) * 1300))
	survives "$rounds" bash -c '
		mpirun.openmpi --oversubscribe -np 2 lmp -in "$0" -var steps "$steps" -log none -echo none >output &&
		grep -E "^ +[0-9]+ +[-0-9.]+ " output >result/thermo' "$here/programs/melt.lammps"
}

# HPC Challenge measures and verifies itself: what it measures is left out.
test_hpcc() {
	command -v hpcc >/dev/null || skip "hpcc is not installed"
	export size=$((rounds < 3 ? 3000 : rounds < 10 ? 4000 : 8000))
	survives "$rounds" bash -c '
		sed "6s/^[0-9]*/$size/" "$0" >hpccinf.txt &&
		mpirun.openmpi --oversubscribe -np 2 hpcc &&
		grep -E "^(Success|HPL_N|CommWorldProcs)=|WALL.*PASSED|oo.*PASSED|FAILED" hpccoutf.txt |
			sed -E "s/[0-9.e+-]+ +[.]* *(PASSED|FAILED).*/\\1/" >result/verified' "$here/programs/hpccinf.txt"
	grep -qx Success=1 result/verified || fail "it has verified itself: $(<result/verified)"
}
