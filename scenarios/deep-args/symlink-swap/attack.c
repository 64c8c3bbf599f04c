// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a path is judged and then resolved again: a link in it may lead elsewhere by then.
 * Steps:   the victim opens /tmp/pf/link, and a thread renames another link over it. In
 *          every second trial the link is in the middle of the path.
 * Success: it reads EVIL from the file that it got.
 */
#include "race.h"
#include "broken.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static _Alignas(4) char unused[4];

/* `name` becomes a link to `to`, at once. */
static void link_to(const char *to, const char *name)
{
	char fresh[64];

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	(void)unlink(fresh);
	if (symlink(to, fresh) < 0 || rename(fresh, name) < 0)
		kit_broken(name);
}

static void put(const struct kit_writer *writer, const char *value)
{
	char to[16];

	(void)writer;
	snprintf(to, sizeof(to), "%s", value);
	link_to(to, RACE_ROOM "/link");
	snprintf(to, sizeof(to), "to-%s", value);
	link_to(to, RACE_ROOM "/way");
}

static void before(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	put(NULL, "GOOD");
}

/* to-GOOD/file leads to GOOD, to-EVIL/file to EVIL. */
static void set_up(struct kit *kit)
{
	race_make_files(kit);
	(void)mkdir(RACE_ROOM "/to-GOOD", 0700);
	(void)mkdir(RACE_ROOM "/to-EVIL", 0700);
	link_to("../GOOD", RACE_ROOM "/to-GOOD/file");
	link_to("../EVIL", RACE_ROOM "/to-EVIL/file");
	put(NULL, "GOOD");
}

static int act(struct kit *kit, unsigned n)
{
	const char *path = n % 2 ? RACE_ROOM "/link" : RACE_ROOM "/way/file";

	(void)kit;
	return race_read(open(path, O_RDONLY | O_CLOEXEC), n);
}

int main(int argc, char **argv)
{
	const struct race race = {
		.word = unused,
		.unprobed = true, /* unguarded, a link is judged by its name */
		.put = put,
		.set_up = set_up,
		.before = before,
		.act = act,
	};

	return race_run(argc, argv, shapes, &race);
}
