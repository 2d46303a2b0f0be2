/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Santa's rules: of `santactl rule --export` and of sync servers in JSON, {"rules": [{…}, …]}; of
 * configuration profiles in a property list, below StaticRules. A rule is
 *
 *	{"identifier": "44aef302…6160", "policy": "BLOCKLIST", "rule_type": "BINARY"}
 *
 * Other types name a certificate, a team or a signature of Apple's.
 */
#include "import/reader.h"

#define VALUE_LEN 160

/* What it says, "" what it does not. */
struct santa_rule {
	char identifier[VALUE_LEN], policy[VALUE_LEN], type[VALUE_LEN];
};

static bool is_any_of(const char *text, const char *const words[])
{
	for (; *words; words++)
		if (!strcasecmp(text, *words))
			return true;
	return false;
}

static enum import_reason against(const struct santa_rule *rule)
{
	static const char *const blocks[] = {"BLOCKLIST", "SILENT_BLOCKLIST", "BLACKLIST",
					     "SILENT_BLACKLIST", NULL};
	static const char *const allows[] = {"ALLOWLIST", "ALLOWLIST_COMPILER",
					     "WHITELIST", "WHITELIST_COMPILER",
					     "REMOVE",	  NULL};
	static const char *const signers[] = {"CERTIFICATE", "TEAMID", "SIGNINGID", NULL};

	if (is_any_of(rule->policy, allows))
		return IMPORT_ALLOWED;
	if (!is_any_of(rule->policy, blocks)) /* CEL: an expression */
		return IMPORT_OTHER_SYNTAX;
	if (!strcasecmp(rule->type, "BINARY"))
		return IMPORT_REASONS;
	if (!strcasecmp(rule->type, "CDHASH"))
		return IMPORT_OTHER_DIGEST;
	return is_any_of(rule->type, signers) ? IMPORT_SIGNER : IMPORT_OTHER_FACT;
}

static int take_rule(struct input *in, const struct santa_rule *rule)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);
	enum import_reason reason = against(rule);

	if (reason == IMPORT_REASONS)
		return input_digest(in, &item, rule->identifier, strlen(rule->identifier));
	input_leave(in, reason);
	return 0;
}

/* ---- both syntaxes --------------------------------------------------------------------------- */

/* Where a key's value goes, or NULL. Until 2022 an identifier was always a "sha256". */
static char *find_value(struct santa_rule *rule, const char *key)
{
	if (!strcmp(key, "identifier") || !strcmp(key, "sha256"))
		return rule->identifier;
	if (!strcmp(key, "policy"))
		return rule->policy;
	return strcmp(key, "rule_type") ? NULL : rule->type;
}

static void set(struct santa_rule *rule, const char *key, const char *value)
{
	char *to = find_value(rule, key);

	if (to)
		snprintf(to, VALUE_LEN, "%s", value);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static const json_t *find_rules(const json_t *root)
{
	return json_is_array(root) ? root : json_object_get(root, "rules");
}

static int take_object(struct input *in, const json_t *object)
{
	static const char *const keys[] = {"sha256", "identifier", "policy", "rule_type"};
	struct santa_rule rule = {};
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = json_text(object, keys[i]);
		if (value)
			set(&rule, keys[i], value);
	}
	return take_rule(in, &rule);
}

static int read_json(struct input *in)
{
	const json_t *rules = find_rules(in->json);
	size_t i;
	int rc = 0;

	for (i = 0; i < json_array_size(rules) && !rc; i++)
		rc = take_object(in, json_array_get(rules, i));
	return rc;
}

/* ---- property lists -------------------------------------------------------------------------- */

struct plist {
	char key[32]; /* that was read last, "" once its value was */
	struct santa_rule rule;
};

static void begin(struct xml *x, const char *name, const char **attributes)
{
	struct plist *p = x->context;

	if (!strcmp(name, "dict"))
		p->rule = (struct santa_rule){};
}

static void end(struct xml *x, const char *name, const char *text)
{
	struct plist *p = x->context;

	if (!strcmp(name, "key")) {
		snprintf(p->key, sizeof(p->key), "%s", text);
		return;
	}
	if (!strcmp(name, "string") && xml_is_in(x, "dict"))
		set(&p->rule, p->key, text);
	p->key[0] = '\0';
	if (strcmp(name, "dict") != 0)
		return;
	if (*p->rule.policy && *p->rule.type)
		x->rc = take_rule(x->in, &p->rule);
	p->rule = (struct santa_rule){};
}

static int read_plist(struct input *in)
{
	struct plist p = {};
	struct xml x = {.in = in, .begin = begin, .end = end, .context = &p};

	return xml_read(&x);
}

/* ---- the format ------------------------------------------------------------------------------ */

bool santa_probe(const struct input *in)
{
	const json_t *first;

	if (in->syntax == SYNTAX_XML)
		return !strcmp(in->root, "plist");
	first = json_array_get(find_rules(in->json), 0);
	return json_text(first, "rule_type") && json_text(first, "policy");
}

int santa_read(struct input *in)
{
	return in->syntax == SYNTAX_XML ? read_plist(in) : read_json(in);
}
