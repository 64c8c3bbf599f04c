// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an argument is looked for where another arch or another of its ABIs has it, or where it was
 *          before the kernel copied it: the fifth and sixth of o32 are on the caller's stack.
 * Steps:   a call with six arguments, each with bits in every byte, in one of the ways that there are.
 * Success: a record that has another value in any place, or another number, ABI or result; be they
 *          declared or not.
 * Source:  syscall_get_arguments() on mips, which reads the caller's memory anew.
 */
#include "broken.h"
#include "session.h"
#include "ways.h"

#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define I386_GETPPID 64

static const char *const shapes[] = { "direct", "return",     "int80",	  "int80-return",
				      "x32",	"x32-return", "indirect", "indirect-return",
				      NULL };

/* The call as it was made. */
struct made {
	enum pf_kind kind;
	enum way way;
	int number;
	uint32_t abi;
	pid_t parent;
	unsigned long passed[6];
	long result;
};

static bool is_as_made(const struct pf_record *record, const void *context)
{
	const struct pf_view *view = &((const struct pf_event *)(const void *)record)->view;
	const struct made *m = context;

	if (record->kind != m->kind || view->number != m->number || view->abi != m->abi)
		return false;
	for (int i = 0; i < 6; i++)
		if (view->args[i] != way_argument(m->way, m->passed[i]))
			return false;
	return m->kind == PF_CALL || (!record->flags && view->result == m->result);
}

static void declare(struct pf_hook *hook, size_t bytes)
{
	for (unsigned char i = 0; i < 6; i++)
		hook->parameters[i] =
			(struct pf_parameter){ .place = i, .bytes = (unsigned char)bytes };
}

static void make_call(struct kit *kit, struct made *m)
{
	unsigned long registers[6];

	for (int i = 0; i < 6; i++)
		m->passed[i] = kit->honest ? (unsigned long)i : (unsigned long)kit_random(kit);
	memcpy(registers, m->passed, sizeof(registers));
	m->result = way_call(m->way, m->number, registers);
	if (m->result != m->parent)
		kit_broken("getppid");
}

int main(int argc, char **argv)
{
	struct pf_hook hook;
	struct session s;
	struct made m;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	m.kind = strstr(s.kit.shape, "return") ? PF_RETURN : PF_CALL;
	m.way = way_of(&s.kit);
	m.number = way_number(m.way, SYS_getppid, I386_GETPPID); /* looks at none of them */
	m.abi = way_abi(m.way, &s);
	m.parent = getppid(); /* before there is a hook on that */
	hook = hooks_all(m.kind);
	hook.number = m.number;
	hook.abi = m.abi;
	session_add(&s, &hook);
	declare(&hook, !s.defended ? 2 : m.way == WAY_INT80 ? 4 : sizeof(long));
	session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		make_call(&s.kit, &m);
		session_looked(n, 2, session_count(&s, is_as_made, &m));
	}
	hooks_close(&s.hooks);
	return 0;
}
