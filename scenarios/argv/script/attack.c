// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the caller passes harmless words; the file's first line, "#!/bin/witness EVIL", puts the
 *          word where it counts, from the start or by a swap between the judgement and the exec.
 * Steps:   per trial a fresh script named by the trial's number, so that the witness reports it; a peer
 *          renames a script that says EVIL, or a link to it, over one that says GOOD.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  execve(2), "Interpreter scripts".
 */
#include "exec-race.h"
#include "broken.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", "renamed", "relinked", NULL };

static void make_script(const char *name, const char *value)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "#!" KIT_WITNESS " %s\n", value);
	int fd;

	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, text, (size_t)n) != n || close(fd))
		_exit(KIT_BROKEN);
}

static void make_link(const char *name, const char *to)
{
	unlink(name);
	if (symlink(to, name))
		_exit(KIT_BROKEN);
}

/* The word is the file: EVIL means that the other one takes its place. */
static void put(const struct kit_writer *writer, const char *value)
{
	(void)value;
	if (rename("other", writer->context))
		_exit(KIT_BROKEN);
}

static void prepare(const struct kit *kit, const char *name)
{
	bool plain = kit_shape_is(kit, "plain"), linked = kit_shape_is(kit, "relinked");

	make_script(linked ? "good" : name, plain && !kit->honest ? "EVIL" : "GOOD");
	make_script(linked ? "evil" : "other", "EVIL");
	if (linked) {
		make_link(name, "good");
		make_link("other", "evil");
	}
}

static void try_once(struct kit *kit, unsigned n)
{
	struct kit_writer writer;
	pid_t peer, victim;
	char name[12];

	snprintf(name, sizeof(name), "%u", n);
	prepare(kit, name);
	kit_writer_init(kit, &writer, NULL, false);
	writer.put = put;
	writer.context = name;
	if (kit_shape_is(kit, "plain"))
		writer.writes = 0;
	peer = kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
		char *argv[] = { "script", NULL };

		kit_demote();
		kit_writer_start(&writer);
		kit_exec(kit, name, argv);
	}
	kit_outcome(kit, victim, n, "trial");
	kit_peer_stop(peer, &writer);
}

static void set_up(struct kit *kit)
{
	(void)kit;
	if (chdir("/tmp"))
		kit_broken("/tmp");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .set_up = set_up, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
