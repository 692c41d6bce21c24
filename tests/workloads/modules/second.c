/* SPDX-License-Identifier: Apache-2.0 */
/* second - a shared library to load and unload, for tls_dynamic. */
int second(void);
int second(void)
{
	return 2;
}
