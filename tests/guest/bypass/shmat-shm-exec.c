/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The listed library is put into a segment of System V shared memory of its size, and that is
 * attached executable (SHM_EXEC).
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
	memcpy(at, b.at, b.len);
	shmdt(at);
	at = shmat(id, NULL, SHM_EXEC);
	shmctl(id, IPC_RMID, NULL);
	if (at == (void *)-1) {
		perror("shmat, SHM_EXEC");
		return 1;
	}
	return try_ran(at);
}
