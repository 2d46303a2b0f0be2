/* SPDX-License-Identifier: GPL-2.0-only */
/* Who did what a record tells of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "ecs_parts.h"
#include "location.h"

/* Unique for all times: numbers of processes are given anew. */
static json_t *entity_id(uint32_t pid, uint64_t start_time)
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	return json_sprintf(SD_ID128_FORMAT_STR "-%u-%llx", SD_ID128_FORMAT_VAL(boot), pid,
			    (unsigned long long)start_time);
}

/* What the kernel has said if that is whole, or else what was found out besides. */
static void set_place(json_t *part, const char *name, const struct location *l, const char *added)
{
	char *path = location_path(l);

	ecs_set_text(part, name, added ? added : path);
	free(path);
}

static json_t *ancestor_part(const struct ancestor *a, const char *executable)
{
	json_t *part =
		json_pack("{s:I, s:o, s:o, s:o}", "pid", (json_int_t)a->pid, "name",
			  ecs_text(a->comm, sizeof(a->comm)), "start", ecs_timestamp(a->start_time),
			  "entity_id", entity_id(a->pid, a->start_time));

	ecs_set_text(part, "executable", executable);
	return part;
}

json_t *ecs_ancestors(const struct event *e, const struct additions *a)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < ANCESTORS && e->ancestors[i].pid; i++)
		json_array_append_new(all, ancestor_part(&e->ancestors[i],
							 a ? a->ancestor_executables[i] : NULL));
	return all;
}

json_t *ecs_process(const struct event *e, const struct additions *a)
{
	json_t *part = json_pack("{s:I, s:o, s:o, s:{s:I}, s:o}", "pid", (json_int_t)e->pid, "name",
				 ecs_text(e->comm, sizeof(e->comm)), "entity_id",
				 entity_id(e->pid, e->start_time), "thread", "id",
				 (json_int_t)e->tid, "start", ecs_timestamp(e->start_time));

	set_place(part, "executable", &e->executable, a ? a->executable : NULL);
	set_place(part, "working_directory", &e->directory, a ? a->directory : NULL);
	ecs_set_text(part, "command_line", a ? a->arguments : NULL);
	if (e->ancestors[0].pid)
		json_object_set_new(
			part, "parent",
			ancestor_part(&e->ancestors[0], a ? a->ancestor_executables[0] : NULL));
	return part;
}

json_t *ecs_user(const struct event *e, const struct additions *a)
{
	json_t *user = json_pack("{s:o, s:{s:o}}", "id", json_sprintf("%u", e->uid), "group", "id",
				 json_sprintf("%u", e->gid));
	json_t *login;

	ecs_set_text(user, "name", a ? a->user : NULL);
	if (e->login_uid == UNSET)
		return user;
	login = json_pack("{s:o}", "id", json_sprintf("%u", e->login_uid));
	ecs_set_text(login, "name", a ? a->login : NULL);
	json_object_set_new(user, "audit", login);
	return user;
}

void ecs_add_control_group(json_t *record, json_t *own, const struct event *e)
{
	char *path = location_path(&e->control_group);
	struct control_group g;

	if (!path)
		return;
	control_group_read(&g, path);
	ecs_set_text(own, "cgroup_path", path);
	ecs_set_text(own, "unit", g.unit);
	if (*g.container)
		json_object_set_new(record, "container",
				    json_pack("{s:o}", "id", ecs_text(g.container, SIZE_MAX)));
	if (*g.pod)
		json_object_set_new(
			record, "kubernetes",
			json_pack("{s:{s:o}}", "pod", "uid", ecs_text(g.pod, SIZE_MAX)));
	free(path);
}

json_t *ecs_namespaces(const struct event *e)
{
	if (!e->mount_namespace)
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I}", "pid", (json_int_t)e->pid_namespace, "mount",
			 (json_int_t)e->mount_namespace, "user", (json_int_t)e->user_namespace,
			 "network", (json_int_t)e->network_namespace);
}

void ecs_add_terminal(json_t *own, const struct event *e)
{
	char name[EVENT_COMM_LEN + 2];

	if (!*e->terminal)
		return;
	if (!strncmp(e->terminal, "pts", 3))
		snprintf(name, sizeof(name), "pts/%.*s", EVENT_COMM_LEN - 3, e->terminal + 3);
	else
		snprintf(name, sizeof(name), "%.*s", EVENT_COMM_LEN, e->terminal);
	ecs_set_text(own, "terminal", name);
}
