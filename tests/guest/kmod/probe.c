// SPDX-License-Identifier: GPL-2.0-only
/*
 * probe load OBJECT      attach the BPF program and keep it
 * probe unload
 * probe [option…] WORD…  ask one thing and print the answer: the result, then details
 *   read FILE AT LEN     the bytes go to standard output, the result to standard error
 *   digest FILE AT:LEN…  LEN "end": as far as it goes
 *   verify FILE CONTENT AT LEN WHAT
 *   unpack FILE [CONTENT AT LEN]
 *   inode FILE
 *   open FILE            a read in the hook file_open
 *   buffer ADDRESS LEN   a digest of kernel memory
 *   module FILE          a digest of what finit_module has read
 * -w opens FILE for writing only, -d with O_DIRECT; -n N asks N times; -u UID asks as that user.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

#define PINS "/sys/fs/bpf/probe"

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int load(const char *object)
{
	struct bpf_object *o = bpf_object__open_file(object, NULL);
	struct bpf_program *program;
	char path[128];

	if (!o || bpf_object__load(o))
		return 1;
	mkdir(PINS, 0700);
	bpf_object__for_each_program(program, o)
	{
		struct bpf_link *link = bpf_program__attach(program);

		snprintf(path, sizeof(path), PINS "/%s", bpf_program__name(program));
		if (!link || bpf_link__pin(link, path))
			die(path);
	}
	if (bpf_map__pin(bpf_object__find_map_by_name(o, "probes"), PINS "/probes"))
		die("pin");
	return 0;
}

static int unload(void)
{
	static const char *const names[] = {"on_mmap", "on_open", "on_mprotect", "on_read",
					    "probes"};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), PINS "/%s", names[i]);
		unlink(path);
	}
	return rmdir(PINS) != 0;
}

static __u64 number(const char *text)
{
	return strcmp(text, "end") ? strtoull(text, NULL, 0) : INTERDICT_TO_END;
}

/* The call that brings the kernel to a hook; that it fails is no matter. */
static void trigger(const struct probe *p, const char *file, int flags)
{
	int fd = -1;
	void *map;

	if (p->op == PROBE_BUFFER && !file) {
		map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(map, 4096, PROT_READ | PROT_WRITE);
		return;
	}
	fd = open(file, flags | O_CLOEXEC);
	if (fd < 0 && p->op != PROBE_OPEN)
		die(file);
	if (p->op == PROBE_BUFFER)
		syscall(SYS_finit_module, fd, "", 0);
	else if (fd >= 0)
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
}

static void print_digest(const struct probe *p)
{
	size_t i;

	for (i = 0; i < sizeof(p->digest); i++)
		printf("%02x", p->digest[i]);
}

static void print(const struct probe *p)
{
	if (p->op == PROBE_READ) {
		fprintf(stderr, "%lld\n", (long long)p->result);
		if (p->result > 0)
			fwrite(p->data, 1, p->result, stdout);
		return;
	}
	printf("%lld", (long long)p->result);
	if (p->op == PROBE_INODE)
		printf(" %llu %llx %llu", (unsigned long long)p->inode,
		       (unsigned long long)p->magic, (unsigned long long)p->visits);
	if (p->op == PROBE_UNPACK)
		printf(" %lld %llu", (long long)p->verified, (unsigned long long)p->unpacked);
	if (p->op == PROBE_DIGEST || p->op == PROBE_UNPACK || p->op == PROBE_BUFFER) {
		printf(" ");
		print_digest(p);
	}
	printf("\n");
}

static int ask(struct probe *p, const char *file, int flags, long times, uid_t user)
{
	int map = bpf_obj_get(PINS "/probes");
	__u32 process = getpid();

	if (map < 0)
		die("not loaded");
	while (times--) {
		if (bpf_map_update_elem(map, &process, p, BPF_ANY))
			die("request");
		if (seteuid(user))
			die("user");
		trigger(p, file, flags);
		if (seteuid(0))
			die("root");
		if (times == 0 && bpf_map_lookup_elem(map, &process, p))
			die("answer");
		bpf_map_delete_elem(map, &process);
	}
	if (!p->answered) {
		printf("no answer\n");
		return 1;
	}
	print(p);
	return 0;
}

static bool parse_ranges(struct probe *p, int argc, char **argv)
{
	const int most = sizeof(p->ranges) / sizeof(p->ranges[0]);
	int i;

	for (i = 0; i < argc && i < most; i++) {
		char *len = strchr(argv[i], ':');

		if (!len)
			return false;
		p->ranges[i].at = strtoull(argv[i], NULL, 0);
		p->ranges[i].len = number(len + 1);
	}
	p->ranges_count = i;
	return i;
}

static bool parse(struct probe *p, const char *word, int argc, char **argv)
{
	if (!strcmp(word, "read") && argc == 2) {
		p->op = PROBE_READ;
		p->at = number(argv[0]);
		p->len = number(argv[1]);
	} else if (!strcmp(word, "digest")) {
		p->op = PROBE_DIGEST;
		return parse_ranges(p, argc, argv);
	} else if (!strcmp(word, "verify") && argc == 4) {
		p->op = PROBE_VERIFY;
		p->content = number(argv[0]);
		p->at = number(argv[1]);
		p->len = number(argv[2]);
		p->what = number(argv[3]);
	} else if (!strcmp(word, "unpack")) {
		p->op = PROBE_UNPACK;
		if (argc == 3) {
			p->content = number(argv[0]);
			p->at = number(argv[1]);
			p->len = number(argv[2]);
		}
	} else if (!strcmp(word, "inode")) {
		p->op = PROBE_INODE;
	} else if (!strcmp(word, "open")) {
		p->op = PROBE_OPEN;
	} else if (!strcmp(word, "module")) {
		p->op = PROBE_BUFFER;
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct probe p = {};
	int flags = O_RDONLY, option;
	long times = 1;
	uid_t user = 0;

	while ((option = getopt(argc, argv, "+wdn:u:")) != -1) {
		if (option == 'w')
			flags |= O_WRONLY;
		else if (option == 'd')
			flags |= O_DIRECT;
		else if (option == 'u')
			user = atoi(optarg);
		else
			times = atol(optarg);
	}
	argc -= optind;
	argv += optind;
	if (argc == 2 && !strcmp(argv[0], "load"))
		return load(argv[1]);
	if (argc == 1 && !strcmp(argv[0], "unload"))
		return unload();
	if (argc == 3 && !strcmp(argv[0], "buffer")) {
		p.op = PROBE_BUFFER;
		p.at = number(argv[1]);
		p.len = number(argv[2]);
		return ask(&p, NULL, 0, times, user);
	}
	if (argc < 2 || !parse(&p, argv[0], argc - 2, argv + 2))
		return 2;
	return ask(&p, argv[1], flags, times, user);
}
