// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a path is judged and then resolved again: a link in it may lead elsewhere by then.
 * Steps:   the victim opens /tmp/pf/link, and a thread exchanges it for another link. In every
 *          second trial the link is in the middle of the path.
 * Success: it reads EVIL from the file that it got.
 */
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static _Alignas(4) char unused[4];

static void make_link(const char *to, const char *name)
{
	if ((unlink(name) < 0 && errno != ENOENT) || symlink(to, name) < 0)
		kit_broken(name);
}

/* One call, because it races with one. */
static void exchange(const char *name, const char *other)
{
	if (renameat2(AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE) < 0)
		kit_broken(name);
}

/* EVIL, GOOD, EVIL, … in turn. */
static void put(const struct kit_writer *writer, const char *value)
{
	(void)writer;
	(void)value;
	exchange(RACE_ROOM "/link", RACE_ROOM "/other-link");
	exchange(RACE_ROOM "/way", RACE_ROOM "/other-way");
}

static void before(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	make_link("GOOD", RACE_ROOM "/link");
	make_link("EVIL", RACE_ROOM "/other-link");
	make_link("to-GOOD", RACE_ROOM "/way");
	make_link("to-EVIL", RACE_ROOM "/other-way");
}

/* to-GOOD/file leads to GOOD, to-EVIL/file to EVIL. */
static void set_up(struct kit *kit)
{
	race_make_files(kit);
	if (mkdir(RACE_ROOM "/to-GOOD", 0700) < 0 || mkdir(RACE_ROOM "/to-EVIL", 0700) < 0)
		kit_broken("mkdir");
	make_link("../GOOD", RACE_ROOM "/to-GOOD/file");
	make_link("../EVIL", RACE_ROOM "/to-EVIL/file");
	before(kit, 0); /* for the warm-up */
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
