/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "interdict.skel.h"
#include "kernel.h"
#include "program.h"

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

/* ---- adopt -------------------------------------------------------------------------------------
 */

static int is_this_build(const struct program *p)
{
	struct control control;
	__u8 digest[32];
	__u32 zero = 0;
	int err;

	if (bpf_map_lookup_elem(p->control, &zero, &control))
		return -errno;
	err = program_name(digest);
	if (err)
		return err;
	return memcmp(digest, control.program, sizeof(digest)) ? -ESTALE : 0;
}

static bool kernel_has_exec_check(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	const struct btf_member *m;
	bool found = false;
	int id, i;

	id = btf ? btf__find_by_name_kind(btf, "linux_binprm", BTF_KIND_STRUCT) : -1;
	type = id > 0 ? btf__type_by_id(btf, id) : NULL;
	for (i = 0; type && i < btf_vlen(type) && !found; i++) {
		m = &btf_members(type)[i];
		found = !strcmp(btf__name_by_offset(btf, m->name_off), "is_check");
	}
	btf__free(btf);
	return found;
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

int program_open_events(void)
{
	return kernel_open_pin(PIN_EVENTS);
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
	return 0;
}

/* ---- load --------------------------------------------------------------------------------------
 */

static int set_control(struct program *p)
{
	struct control control = {.ceiling = MODE_ENFORCE};
	__u32 zero = 0;
	int err = program_name(control.program);

	if (err)
		return err;
	return bpf_map_update_elem(p->control, &zero, &control, 0) ? -errno : 0;
}

int program_load(struct program *p, struct diag *d)
{
	int err;

	*p = (struct program){.policy = -1, .events = -1, .control = -1, .counters = -1};
	libbpf_set_print(remember_complaint);
	*complaint = 0;
	p->skeleton = interdict_bpf__open();
	if (!p->skeleton)
		return -errno;
	bpf_program__set_autoload(p->skeleton->progs.exec_check, kernel_has_exec_check());
	err = interdict_bpf__load(p->skeleton);
	if (err) {
		diag_error(d, NULL, 0, "the kernel refuses the BPF program: %s (%s)",
			   strerror(-err), *complaint ? complaint : "it did not say why");
		program_close(p);
		return err;
	}
	p->policy = bpf_map__fd(p->skeleton->maps.policy);
	p->events = bpf_map__fd(p->skeleton->maps.events);
	p->control = bpf_map__fd(p->skeleton->maps.control);
	p->counters = bpf_map__fd(p->skeleton->maps.counters);
	return set_control(p);
}

int program_install(struct program *p, image_t *image)
{
	return kernel_install_image(p->policy, image);
}

int program_set_ceiling(struct program *p, enum rule_mode ceiling)
{
	struct control control;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(p->control, &zero, &control))
		return -errno;
	control.ceiling = ceiling;
	return bpf_map_update_elem(p->control, &zero, &control, 0) ? -errno : 0;
}

/* ---- attach, pin, commit
 * ------------------------------------------------------------------------- */

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
		{s->maps.identities, PIN_DIR_NEW "/" PIN_IDENTITY},
		{s->maps.scratch, PIN_DIR_NEW "/" PIN_SCRATCH},
	};
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		if (bpf_map__pin(maps[i].map, maps[i].path))
			return -errno;
	return 0;
}

static int attach_all(struct interdict_bpf *s)
{
	int err;

	err = attach_and_pin(s->progs.exec, HOOK_EXEC, &s->links.exec);
	if (!err)
		err = attach_and_pin(s->progs.exec_check, HOOK_EXEC_CHECK, &s->links.exec_check);
	if (!err)
		err = attach_and_pin(s->progs.mmap, HOOK_MMAP, &s->links.mmap);
	if (!err)
		err = attach_and_pin(s->progs.mprotect, HOOK_MPROTECT, &s->links.mprotect);
	return err;
}

int program_attach(struct program *p, struct diag *d)
{
	int err;

	/* What a start that was killed half way has left. */
	kernel_remove_pins(PIN_DIR_NEW);
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
	struct bpf_link **links[] = {&s->links.exec, &s->links.exec_check, &s->links.mmap,
				     &s->links.mprotect};
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(*links); i++) {
		bpf_link__destroy(*links[i]);
		*links[i] = NULL;
	}
}

int program_commit(struct program *p, struct diag *d)
{
	/* An exchange has no moment in which neither set of links is pinned under its name. */
	unsigned int flags = access(PIN_DIR, F_OK) ? RENAME_NOREPLACE : RENAME_EXCHANGE;

	if (renameat2(AT_FDCWD, PIN_DIR_NEW, AT_FDCWD, PIN_DIR, flags)) {
		diag_error(d, PIN_DIR, 0, "cannot be put in place: %s", strerror(errno));
		return -errno;
	}
	p->pinned = true;
	release_links(p->skeleton);
	kernel_remove_pins(PIN_DIR_NEW);
	return 0;
}

void program_close(struct program *p)
{
	if (!p->pinned)
		kernel_remove_pins(PIN_DIR_NEW);
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
