/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * settings:             what the pinned program is set to (struct control), a line each
 * settings NAME NUMBER  set it: ceiling, disabled-until, standby
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"

static int print(const struct control *c)
{
	printf("ceiling %u\ndisabled-until %llu\nstandby %u\nepoch %llu\n", c->ceiling,
	       (unsigned long long)c->disabled_until, c->standby, (unsigned long long)c->epoch);
	return 0;
}

/* 0, or -1: there is no such setting. */
static int set(struct control *c, const char *name, unsigned long long number)
{
	if (!strcmp(name, "ceiling"))
		c->ceiling = number;
	else if (!strcmp(name, "disabled-until"))
		c->disabled_until = number;
	else if (!strcmp(name, "standby"))
		c->standby = number;
	else
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	int fd = kernel_open_pin(PIN_CONTROL), err;
	struct control control;

	err = fd < 0 ? fd : kernel_read_value(fd, &control, sizeof(control));
	if (!err && argc == 1)
		return print(&control);
	if (argc != 3 || (!err && set(&control, argv[1], strtoull(argv[2], NULL, 10))))
		return 2;
	if (!err)
		err = kernel_write_value(fd, &control, sizeof(control));
	if (err)
		fprintf(stderr, "settings: %s\n", strerror(-err));
	return !!err;
}
