/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same without SHM_EXEC: attached, and then made executable.
 *
 * expect: denied
 * control: refused, what is in a segment of System V shared memory cannot be read
 */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "technique.h"

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	int id = shmget(IPC_PRIVATE, b.len, IPC_CREAT | 0700);
	void *at = shmat(id, NULL, 0);

	must(id >= 0 && at != (void *)-1, "shmat");
	shmctl(id, IPC_RMID, NULL);
	memcpy(at, b.at, b.len);
	if (mprotect(at, b.len, PROT_READ | PROT_EXEC)) {
		perror("mprotect");
		return 1;
	}
	return try_ran(at);
}
