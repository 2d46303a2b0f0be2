/* SPDX-License-Identifier: GPL-2.0-only */
/* A program that was replaced: it is let go. */
#include <errno.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "program.h"

/* The program under PIN_DIR, of whatever build, is the only one from now on. */
static void end_standby(void)
{
	struct control control;
	int fd = kernel_open_pin(PIN_CONTROL);

	if (fd < 0)
		return;
	if (!kernel_read_value(fd, &control, sizeof(control)) && control.standby) {
		control.standby = 0;
		kernel_write_value(fd, &control, sizeof(control));
	}
	close(fd);
}

/* Whether what was replaced has events as we know them: then its image is of our ABI, too. */
static bool speaks_our_abi(void)
{
	struct image_header header;
	int fd = kernel_open_pin_in(PIN_DIR_NEW, PIN_POLICY);
	bool ours = fd >= 0 && !kernel_read_image_header(fd, &header);

	if (fd >= 0)
		close(fd);
	return ours;
}

int program_release_replaced(void)
{
	kernel_remove_links(PIN_DIR_NEW);
	end_standby();
	return speaks_our_abi() ? kernel_open_pin_in(PIN_DIR_NEW, PIN_EVENTS) : -ENOENT;
}

void program_forget_replaced(void)
{
	kernel_remove_pins(PIN_DIR_NEW);
}
