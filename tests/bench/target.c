/* SPDX-License-Identifier: GPL-2.0-only */
/* The program that is started: static, and padded to its size by `run`. */
int main(void)
{
	return 0;
}
