// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <stdint.h>
#include <string.h>

/* One subject is judged at a time. */
static struct subject there;

static void put_path(struct subject *out, const char *path, const char *place)
{
	out->path = path;
	out->there = NULL;
	if (path == place)
		return;
	there = *out;
	there.path = place;
	out->there = &there;
}

void names_of_open(const struct found *object, struct subject *out)
{
	out->elsewhere = object->elsewhere;
	put_path(out, object->path, object->place);
}

void names_of_place(const struct view *v, const char *place, struct subject *out)
{
	put_path(out, view_seen(v, place), place);
}

static void put_address(const struct deep_call *c, const char *path, uint8_t *room,
			struct subject *out)
{
	size_t n = strlen(path);

	memcpy(room, c->address, sizeof(uint16_t));
	memcpy(room + sizeof(uint16_t), path, n);
	out->address = room;
	out->address_size = sizeof(uint16_t) + n;
}

void names_of_socket(const struct deep_call *c, const struct found *object, struct subject *out)
{
	static uint8_t room[2][sizeof(uint16_t) + PATH_MAX];

	out->elsewhere = object->elsewhere;
	put_address(c, object->path, room[0], out);
	if (object->path == object->place)
		return;
	there = *out;
	put_address(c, object->place, room[1], &there);
	out->there = &there;
}

bool names_mislead(const struct policy *p, const struct deep_call *c, const struct subject *s)
{
	return s->elsewhere && (p->judge || policy_needs(p, c->held.number).names);
}

struct policy_verdict names_judge(const struct policy *p, const struct deep_call *c,
				  const struct subject **s)
{
	struct policy_verdict first = judge_call(p, c, *s), second;

	if (first.action != POLICY_ALLOW || !(*s)->there)
		return first;
	second = judge_call(p, c, (*s)->there);
	if (second.action == POLICY_ALLOW)
		return first;
	*s = (*s)->there;
	return second;
}
