/* SPDX-License-Identifier: GPL-2.0-only */
/* DER (X.690): the element at the window's beginning. */
#ifndef INTERDICT_DER_H
#define INTERDICT_DER_H

#include "source.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0x80, /* [0] IMPLICIT, primitive */
	DER_TAGGED_0 = 0xa0,  /* [0] constructed */
	DER_TAGGED_1 = 0xa1,
	DER_TAGGED_3 = 0xa3,
};

PARSE_INLINE int der_fault(struct examination *x, enum fault fault)
{
	x->identity.fault = fault;
	return -1;
}

/* The length behind @octets bytes of it, 1 to 4. A function of its own, or each way of writing a
 * length would be followed through everything that comes after. */
PARSE_GLOBAL int der_long_length(struct examination *x, __u32 octets)
{
	__u64 len = 0;
	__u32 i;

	if (!x)
		return 0;
	for (i = 0; i < 4; i++)
		if (i < octets)
			len = len << 8 | byte_at(x, 2 + i);
	x->e.header = 2 + octets;
	x->e.next = len;
	return 0;
}

/**
 * der_element() - read the header of the element at x->at into x->e.
 * @x: its window begins there
 * @end: of what holds it
 *
 * A tag has one byte here and a length at most four; not the shortest way of writing one is taken
 * too, since other readers take it. The element lies in the source and before @end.
 *
 * Return: 0, or -1 with x->identity.fault set.
 */
PARSE_GLOBAL int der_element(struct examination *x, __u64 end)
{
	struct element *e;
	__u32 first;

	if (!x)
		return -1;
	if (end > x->size)
		end = x->size;
	if (!has(x, 2) || x->at >= end)
		return der_fault(x, FAULT_CUT);
	e = &x->e;
	first = byte_at(x, 1);
	e->at = x->at;
	e->tag = byte_at(x, 0);
	e->header = 2;
	e->next = first;
	if (first == 0x80)
		return der_fault(x, FAULT_INDEFINITE);
	if (first > 0x84)
		return der_fault(x, FAULT_LENGTH);
	if (first > 0x80) {
		if (!has(x, 2 + (first & 7)))
			return der_fault(x, FAULT_CUT);
		der_long_length(x, first & 7);
	}
	e->body = e->at + e->header;
	e->next += e->body; /* four bytes of length: no overflow */
	return e->next > end ? der_fault(x, FAULT_CUT) : 0;
}

/* der_element() that must have @tag. */
PARSE_INLINE int der_expect(struct examination *x, __u64 end, __u32 tag)
{
	if (der_element(x, end))
		return -1;
	return x->e.tag == tag ? 0 : der_fault(x, FAULT_TAG);
}

PARSE_INLINE __u64 der_len(const struct element *e)
{
	return e->next - e->body;
}

/* The element whole, header and all. */
PARSE_INLINE struct interdict_range der_whole(const struct element *e)
{
	return (struct interdict_range){.at = e->at, .len = e->next - e->at};
}

#endif
