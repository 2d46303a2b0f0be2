/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An image that is mounted without a loop device (erofs, from Linux 6.12 on): its file is rewritten
 * below the file system, where a harmless program has been judged.
 *
 * expect: denied
 * needs: mkfs.erofs, and erofs on a file in this kernel
 */
#include "by-hand.h"

/* An image with the program @from in it; alike but for its bytes. */
static void make_image(const char *from, const char *image)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "rm -rf in; mkdir in && cp %s in/program && touch -d 2020-01-01 in in/program && "
		 "mkfs.erofs -T 0 -U 00000000-0000-0000-0000-000000000000 %s in > mkfs.log 2>&1",
		 from, image);
	if (system(command))
		errx(1, "mkfs.erofs");
}

/* What is in memory of files, goes; what is known of them stays, while they are open. */
static void drop_pages(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	sync();
	if (fd < 0 || write(fd, "1", 1) != 1)
		err(1, "drop_caches");
	close(fd);
}

int main(void)
{
	int image, held, status;

	if (system("command -v mkfs.erofs > /dev/null"))
		return lacks("mkfs.erofs");
	make_image(getenv("FILLER_PROGRAM"), "filler.image");
	make_image(getenv("PROGRAM"), "listed.image");
	mkdir("at", 0755);
	/* mount(8) would make a loop device. */
	if (mount("filler.image", "at", "erofs", MS_RDONLY, NULL))
		return lacks("erofs on a file in this kernel");
	held = open("at/program", O_RDONLY | O_CLOEXEC);
	run_in_child("at/program");
	run_in_child("at/program");
	image = open("filler.image", O_WRONLY | O_CLOEXEC);
	if (held < 0 || image < 0)
		return failed("open");
	fill(image, "listed.image");
	close(image);
	drop_pages();
	status = run_in_child("at/program");
	close(held);
	umount("at");
	return status;
}
