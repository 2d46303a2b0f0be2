/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a report share with each other, and nobody else. */
#ifndef INTERDICT_REPORT_PARTS_H
#define INTERDICT_REPORT_PARTS_H

#include "report/node.h"
#include "report/report.h"

#define DAY (24L * 60 * 60)

/* ---- the model (model.c calls these) ---- */

/** report_vendors() - the vendors of the policy, with their rules and since when. */
json_t *report_vendors(const struct report_input *in);
/** report_exceptions() - each [Allow] of the policy. */
json_t *report_exceptions(const struct report_input *in);
/** report_denials() - the tables of denials. */
json_t *report_denials(const struct report_input *in);
/** report_gaps() - what is not covered, in plain words; reads what @model has so far. */
json_t *report_gaps(const struct report_input *in, json_t *model);
/** report_limits() - what the product does not do anywhere. */
json_t *report_limits(void);

/** report_plural() - "1,204 digests". Return: a new string. */
char *report_count(json_int_t n, const char *one, const char *many);

/* ---- pages (html.c) ---- */

/* How wide text may be that is in no table. */
/** html_text() - print text from anybody: escaped; what a reader cannot see is made visible. */
void html_text(FILE *out, const char *text);
/** html_hostile() - likewise of a name or path, which may be of any direction. */
void html_hostile(FILE *out, const char *text);
/** html_count() - "1,204". */
void html_count(FILE *out, json_int_t n);
/** html_time() - "2026-11-22 07:00" of what node_format_time() wrote; "–" for nothing. */
void html_time(FILE *out, const char *time);
/** html_section() - begin one; html_end_section() ends it. */
void html_section(FILE *out, const char *id, const char *title);
void html_end_section(FILE *out);
/** html_head() - everything before the first section; html_foot() what is behind the last. */
void html_head(FILE *out, json_t *model);
void html_foot(FILE *out, json_t *model);
/** html_tile() - one figure of the summary. */
void html_tile(FILE *out, const char *class, json_int_t n, const char *what);
/** html_gaps() - the gaps of a machine or of a fleet. */
void html_gaps(FILE *out, json_t *gaps);
/** html_signature() - who signed it. */
void html_signature(FILE *out, json_t *model);
/** html_chart() - denials by day, as stacked bars. @days: [{"day","denied","recorded","vendors"}]
 */
void html_chart(FILE *out, json_t *days, json_t *vendors);
/** html_machine(), html_fleet() - the sections of such a report. */
void html_machine(FILE *out, json_t *model);
void html_fleet(FILE *out, json_t *model);

/* ---- the sections of a machine's report ---- */

void html_vendors(FILE *out, json_t *vendors);
void html_scan(FILE *out, json_t *scan);
void html_exceptions(FILE *out, json_t *exceptions);
void html_changes(FILE *out, json_t *model);
void html_identity(FILE *out, json_t *model);
void html_method(FILE *out, json_t *model);

/* ---- what they are written with (html_words.c) ---- */

/** html_term() - begin what stands beside @name in a list of terms. */
void html_term(FILE *out, const char *name);
/** html_fact() - a term whole; "" is not known. */
void html_fact(FILE *out, const char *name, const char *value);
void html_code(FILE *out, const char *value);
/** html_tag() - @tone: good, warn, bad or soft. */
void html_tag(FILE *out, const char *tone, const char *text);
/** html_list() - an array of texts from anybody. */
void html_list(FILE *out, json_t *texts);

/* A table: columns, then rows of html_cell()s, each on its own on a phone. */
void html_table(FILE *out, const char *const *columns);
void html_row(FILE *out);
/** html_cell() - begin the next cell of a row; its label is that of @column. */
void html_cell(FILE *out, const char *column, bool number);
void html_end_table(FILE *out);
/** html_count_cell(), html_time_cell() - a cell whole. @name: of the count, in @row */
void html_count_cell(FILE *out, const char *column, json_t *row, const char *name);
void html_time_cell(FILE *out, const char *column, const char *time);

/** report_style - the style sheet of a page. */
extern const char report_style[];

#endif
