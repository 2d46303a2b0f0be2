/* SPDX-License-Identifier: GPL-2.0-only */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

#define PATH_LEN      64
#define LINE_LEN      1024
#define FLAGS_AT      9		 /* flags in /proc/PID/stat, proc(5) */
#define STARTED_AT    22	 /* starttime there */
#define PF_KTHREAD    0x00200000 /* linux/sched.h */
#define ARGUMENTS_LEN 4096
/* Numbers that are given anew meanwhile could go round. */
#define GENERATIONS_MAX 256
#define NS_PER_S	1000000000ULL

static uint64_t tick(void)
{
	return NS_PER_S / sysconf(_SC_CLK_TCK);
}

void process_line(char *line, size_t len, pid_t pid, const char *file)
{
	char path[PATH_LEN];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	in = fopen(path, "re");
	if (!in || !fgets(line, len, in))
		*line = 0;
	if (in)
		fclose(in);
}

/* The name in the second field may have anything in it, blanks and parentheses too. */
bool process_read(struct process *p, pid_t pid)
{
	char line[LINE_LEN], *at;
	int field;

	*p = (struct process){};
	process_line(line, sizeof(line), pid, "stat");
	at = strrchr(line, ')');
	for (field = 2; at && field < STARTED_AT; field++) {
		at = strchr(at + 1, ' ');
		if (at && field == 3)
			p->parent = strtoul(at, NULL, 10);
		if (at && field == FLAGS_AT - 1)
			p->kernel = strtoul(at, NULL, 10) & PF_KTHREAD;
	}
	if (at)
		p->start_time = strtoull(at, NULL, 10) * tick();
	return at;
}

bool process_is(pid_t pid, uint64_t start_time)
{
	struct process p;

	return process_read(&p, pid) && p.start_time == start_time - start_time % tick();
}

bool process_is_below(pid_t pid, pid_t above)
{
	struct process p;
	int i;

	for (i = 0; i < GENERATIONS_MAX && pid > 0 && pid != above; i++)
		pid = process_read(&p, pid) ? p.parent : 0;
	return pid == above;
}

uint32_t process_number(pid_t pid, const char *file, uint32_t otherwise)
{
	char line[LINE_LEN];

	process_line(line, sizeof(line), pid, file);
	return *line ? strtoul(line, NULL, 10) : otherwise;
}

char *process_link(pid_t pid, const char *link)
{
	char path[PATH_LEN], to[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, link);
	n = readlink(path, to, sizeof(to) - 1);
	return n > 0 ? strndup(to, n) : NULL;
}

char *process_arguments(pid_t pid)
{
	char path[PATH_LEN], *line = calloc(1, ARGUMENTS_LEN);
	size_t n = 0, i;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	in = line ? fopen(path, "re") : NULL;
	if (in) {
		n = fread(line, 1, ARGUMENTS_LEN - 1, in);
		fclose(in);
	}
	for (i = 0; i + 1 < n; i++)
		if (!line[i])
			line[i] = ' ';
	if (n)
		return line;
	free(line);
	return NULL;
}
