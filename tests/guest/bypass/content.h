/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What proves by itself that it ran, and which of its variants it is: WHICH is "evil", "good" or
 * "filler". The message lies among the code, so that one executable page is enough, and ran() needs
 * neither relocation nor the C library: it can be called wherever that page is mapped.
 */
#ifndef BYPASS_CONTENT_H
#define BYPASS_CONTENT_H

#include <sys/syscall.h>

#define MESSAGE "ran " WHICH "\n"

__asm__(".pushsection .text\n"
	".balign 16\n"
	"message: .ascii \"ran " WHICH "\\n\"\n"
	".balign 16\n"
	".popsection\n");

extern const char message[] __attribute__((visibility("hidden")));

#ifdef __x86_64__
static inline long raw_write(int fd, const char *from, unsigned long len)
{
	long result = SYS_write;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"((long)fd), "S"(from), "d"(len)
			 : "rcx", "r11", "memory");
	return result;
}

static __attribute__((unused)) inline void raw_exit(void)
{
	__asm__ volatile("syscall" : : "a"((long)SYS_exit), "D"(0L));
}
#else /* aarch64 */
static inline long raw_write(int fd, const char *from, unsigned long len)
{
	register long number __asm__("x8") = SYS_write;
	register long result __asm__("x0") = fd;
	register const char *a1 __asm__("x1") = from;
	register unsigned long a2 __asm__("x2") = len;

	__asm__ volatile("svc 0" : "+r"(result) : "r"(number), "r"(a1), "r"(a2) : "memory");
	return result;
}

static __attribute__((unused)) inline void raw_exit(void)
{
	register long number __asm__("x8") = SYS_exit;
	register long status __asm__("x0") = 0;

	__asm__ volatile("svc 0" : : "r"(number), "r"(status));
}
#endif

static int say(void)
{
	return raw_write(1, message, sizeof(MESSAGE) - 1) == sizeof(MESSAGE) - 1 ? 0 : 1;
}

int ran(void);
int ran(void)
{
	return say();
}

#endif
