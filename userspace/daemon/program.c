/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"
#include "interdict.skel.h"
#include "kernel/kernel.h"
#include "program.h"
#include "program_inherit.h"

/* The last thing libbpf complained of: what the user is told when a load fails. */
static char complaint[256];

static int remember_complaint(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN && !*complaint) {
		vsnprintf(complaint, sizeof(complaint), fmt, ap);
		complaint[strcspn(complaint, "\n")] = 0;
	}
	return 0;
}

/* The name that tells builds of the program apart. */
static int program_name(__u8 digest[32])
{
	size_t len;
	const void *object = interdict_bpf__elf_bytes(&len);

	return hash_bytes(digest, object, len);
}

/* ---- adopt --------------------------------------------------------------------------------- */

static bool kernel_has_exec_check(void)
{
	return kernel_has_member("linux_binprm", "is_check");
}

/* The same program, loaded with what there is now. */
static int is_this_build(const struct program *p)
{
	struct control control;
	__u8 digest[32];
	int err = kernel_read_value(p->control, &control, sizeof(control));

	if (!err)
		err = program_name(digest);
	if (err == -EBADMSG)
		return -ESTALE;
	if (err)
		return err;
	if (control.capabilities != kernel_capabilities())
		return -ESTALE;
	return memcmp(digest, control.program, sizeof(digest)) ? -ESTALE : 0;
}

/* All hooks, as bits, that this kernel can have. */
static unsigned int hooks_wanted(void)
{
	unsigned int hooks = (1u << HOOKS) - 1;

	return kernel_has_exec_check() ? hooks : hooks & ~(1u << HOOK_EXEC_CHECK);
}

static int all_links_are_pinned(void)
{
	struct kernel_state state;
	int err = kernel_read_state(&state);

	if (err)
		return -ESTALE;
	return state.hooks == hooks_wanted() ? 0 : -ESTALE;
}

int program_adopt(struct program *p)
{
	int err;

	*p = (struct program){.policy = -1, .events = -1, .control = -1, .counters = -1};
	if (access(PIN_DIR, F_OK))
		return -ENOENT;
	p->policy = kernel_open_pin(PIN_POLICY);
	p->events = kernel_open_pin(PIN_EVENTS);
	p->control = kernel_open_pin(PIN_CONTROL);
	p->counters = kernel_open_pin(PIN_COUNTERS);
	if (p->policy < 0 || p->events < 0 || p->control < 0 || p->counters < 0)
		err = -ESTALE;
	else
		err = is_this_build(p);
	if (!err)
		err = all_links_are_pinned();
	if (err) {
		program_close(p);
		return err;
	}
	p->pinned = true;
	/* What a start that was killed half way has left goes on denying by itself. */
	kernel_remove_pins(PIN_DIR_NEW);
	return 0;
}

/* ---- load ---------------------------------------------------------------------------------- */

/* `control` of the program that is pinned now, of whatever build. 0, or a negative errno. */
static int read_replaced_control(struct control *control)
{
	int fd = kernel_open_pin(PIN_CONTROL), err;

	if (fd < 0)
		return fd;
	err = kernel_read_value(fd, control, sizeof(*control));
	close(fd);
	return err;
}

/* What was disabled, or enabled, while this program was made ready. */
static void carry_over_late(struct program *p)
{
	struct control replaced, control;

	if (read_replaced_control(&replaced) ||
	    kernel_read_value(p->control, &control, sizeof(control)))
		return;
	control.disabled_until = replaced.disabled_until;
	if (control.clock < replaced.clock)
		control.clock = replaced.clock;
	kernel_write_value(p->control, &control, sizeof(control));
}

/* The machine's settings outlive the program; and what it would only record is recorded by the one
 * that is there, as long as that is there. */
static int set_control(struct program *p, unsigned int capabilities)
{
	struct control replaced = {.ceiling = MODE_ENFORCE}, control = {};
	int err = read_replaced_control(&replaced);

	control.standby = err != -ENOENT;
	control.ceiling = replaced.ceiling;
	control.disabled_until = replaced.disabled_until;
	control.clock = replaced.clock;
	control.capabilities = capabilities;
	control.epoch = clock_ns(CLOCK_BOOTTIME);
	err = program_name(control.program);
	if (err)
		return err;
	return kernel_write_value(p->control, &control, sizeof(control));
}

/* The mount namespace that the machine began with, by its inode; 0: unknown. */
static unsigned int first_namespace(void)
{
	struct stat st;

	return stat("/proc/1/ns/mnt", &st) ? 0 : st.st_ino;
}

/* One try, with these capabilities. */
static int load_with(struct program *p, unsigned int capabilities)
{
	int err;

	*p = (struct program){.policy = -1, .events = -1, .control = -1, .counters = -1};
	*complaint = 0;
	p->skeleton = interdict_bpf__open();
	if (!p->skeleton)
		return -errno;
	p->skeleton->rodata->capabilities = capabilities;
	p->skeleton->rodata->setattr_has_idmap =
		kernel_parameter_count("bpf_lsm_inode_setattr") == 3;
	p->skeleton->rodata->first_namespace = first_namespace();
	bpf_program__set_autoload(p->skeleton->progs.exec_check, kernel_has_exec_check());
	err = program_inherit(p->skeleton);
	if (!err)
		err = interdict_bpf__load(p->skeleton);
	if (err)
		program_close(p);
	return err;
}

/* The module can be there and of no use: then go on without it, and say so. */
static int load_with_what_there_is(struct program *p, unsigned int *capabilities, struct diag *d)
{
	int err = load_with(p, *capabilities);

	if (!err || !(*capabilities & CAN_KMOD))
		return err;
	diag_warning(d, "interdict.ko", 0,
		     "cannot be used (%s): signatures are not checked and packed drivers not "
		     "unpacked until one of this version is loaded",
		     *complaint ? complaint : strerror(-err));
	*capabilities &= ~CAN_KMOD;
	return load_with(p, *capabilities);
}

int program_load(struct program *p, struct diag *d)
{
	unsigned int capabilities = kernel_capabilities();
	int err;

	libbpf_set_print(remember_complaint);
	err = load_with_what_there_is(p, &capabilities, d);
	if (err) {
		diag_error(d, NULL, 0, "the kernel refuses the BPF program: %s (%s)",
			   strerror(-err), *complaint ? complaint : "it did not say why");
		return err;
	}
	p->policy = bpf_map__fd(p->skeleton->maps.policy);
	p->events = bpf_map__fd(p->skeleton->maps.events);
	p->control = bpf_map__fd(p->skeleton->maps.control);
	p->counters = bpf_map__fd(p->skeleton->maps.counters);
	return set_control(p, capabilities);
}

/* Whether what is judged by the image in force needs keys that the module has not got yet: one that
 * was loaded after the program begins with none. */
static bool needs_keys(const struct program *p)
{
	struct control replaced, control;

	return read_replaced_control(&replaced) ||
	       kernel_read_value(p->control, &control, sizeof(control)) ||
	       control.capabilities & ~replaced.capabilities & CAN_KMOD;
}

int program_share_image(struct program *p)
{
	int replaced = kernel_open_pin(PIN_POLICY), err;

	if (replaced < 0)
		return replaced;
	err = needs_keys(p) ? -ESTALE : kernel_share_image(replaced, p->policy);
	close(replaced);
	return err;
}

/* ---- attach, pin, commit ------------------------------------------------------------------- */

static int attach_and_pin(struct bpf_program *program, enum hook hook, struct bpf_link **link)
{
	char path[KERNEL_PIN_LEN];

	if (!bpf_program__autoload(program))
		return 0;
	*link = bpf_program__attach(program);
	if (!*link)
		return -errno;
	kernel_link_pin(path, PIN_DIR_NEW, hook);
	return bpf_link__pin(*link, path);
}

static int pin_maps(struct interdict_bpf *s)
{
	struct {
		struct bpf_map *map;
		const char *path;
	} maps[] = {
		{s->maps.policy, PIN_DIR_NEW "/" PIN_POLICY},
		{s->maps.events, PIN_DIR_NEW "/" PIN_EVENTS},
		{s->maps.control, PIN_DIR_NEW "/" PIN_CONTROL},
		{s->maps.counters, PIN_DIR_NEW "/" PIN_COUNTERS},
		{s->maps.hits, PIN_DIR_NEW "/" PIN_HITS},
		{s->maps.identities, PIN_DIR_NEW "/" PIN_IDENTITY},
		{s->maps.scratch, PIN_DIR_NEW "/" PIN_SCRATCH},
		{s->maps.blanks, PIN_DIR_NEW "/" PIN_BLANKS},
		{s->maps.exposed, PIN_DIR_NEW "/" PIN_EXPOSED},
		{s->maps.openings, PIN_DIR_NEW "/" PIN_OPENINGS},
		{s->maps.slots, PIN_DIR_NEW "/" PIN_SLOTS},
		{s->maps.drivers, PIN_DIR_NEW "/" PIN_DRIVERS},
	};
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		if (bpf_map__pin(maps[i].map, maps[i].path))
			return -errno;
	return 0;
}

/* One hook: its program, and where its link is kept. */
struct attachment {
	enum hook hook;
	struct bpf_program *program;
	struct bpf_link **link;
};

/* Who sees writers comes first: what is kept before it watches could be stale. */
static void list_attachments(struct attachment v[HOOKS], struct interdict_bpf *s)
{
	const struct attachment all[HOOKS] = {
		{HOOK_WRITE, s->progs.opened, &s->links.opened},
		{HOOK_TRUNCATE, s->progs.truncated, &s->links.truncated},
		{HOOK_EXEC, s->progs.exec, &s->links.exec},
		{HOOK_EXEC_CHECK, s->progs.exec_check, &s->links.exec_check},
		{HOOK_MMAP, s->progs.mmap, &s->links.mmap},
		{HOOK_MPROTECT, s->progs.mprotect, &s->links.mprotect},
		{HOOK_DRIVER, s->progs.driver, &s->links.driver},
		{HOOK_DRIVER_MEMORY, s->progs.driver_memory, &s->links.driver_memory},
		{HOOK_DRIVER_FILE, s->progs.driver_file, &s->links.driver_file},
	};

	memcpy(v, all, sizeof(all));
}

static int attach_all(struct interdict_bpf *s)
{
	struct attachment v[HOOKS];
	int i, err = 0;

	list_attachments(v, s);
	for (i = 0; i < HOOKS && !err; i++)
		err = attach_and_pin(v[i].program, v[i].hook, v[i].link);
	return err;
}

int program_attach(struct program *p, struct diag *d)
{
	int err;

	err = mkdir(PIN_DIR_NEW, 0700) ? -errno : 0;
	if (!err)
		err = pin_maps(p->skeleton);
	if (!err)
		err = attach_all(p->skeleton);
	if (err)
		diag_error(d, PIN_DIR_NEW, 0, "cannot attach or pin the program: %s",
			   strerror(-err));
	return err;
}

/* Only the pins shall hold the links: unpinned is lifted, whoever lives. */
static void release_links(struct interdict_bpf *s)
{
	struct attachment v[HOOKS];
	int i;

	list_attachments(v, s);
	for (i = 0; i < HOOKS; i++) {
		bpf_link__destroy(*v[i].link);
		*v[i].link = NULL;
	}
}

int program_commit(struct program *p, struct diag *d)
{
	/* An exchange has no moment in which neither set of links is pinned under its name. */
	unsigned int flags = access(PIN_DIR, F_OK) ? RENAME_NOREPLACE : RENAME_EXCHANGE;

	carry_over_late(p);
	if (renameat2(AT_FDCWD, PIN_DIR_NEW, AT_FDCWD, PIN_DIR, flags)) {
		diag_error(d, PIN_DIR, 0, "cannot be put in place: %s", strerror(errno));
		return -errno;
	}
	p->pinned = true;
	release_links(p->skeleton);
	return 0;
}

void program_close(struct program *p)
{
	if (!p->pinned && !kernel_remove_pins(PIN_DIR_NEW))
		kernel_forget_ended(KERNEL_ENDED_WAIT);
	if (p->skeleton) {
		interdict_bpf__destroy(p->skeleton);
		p->skeleton = NULL;
		return;
	}
	close(p->policy);
	close(p->events);
	close(p->control);
	close(p->counters);
}
