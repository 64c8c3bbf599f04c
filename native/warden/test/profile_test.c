// SPDX-License-Identifier: Apache-2.0
/* Profiles as files: what is read, what is written of it, what is wrong and where, and several made one. */
#include "profile/generalize.h"
#include "profile/profile.h"
#include "profile/toml.h"

#include "../../fuzz/profile-file.c"
#include "tap.h"

#include <dirent.h>
#include <stdbool.h>

#ifndef CORPUS
#define CORPUS "fuzz/corpus/profile-file"
#endif

static bool read_text(const char *text, struct profile *out)
{
	struct profile_error error;

	return !profile_read(text, strlen(text), out, &error);
}

static const struct bag_entry *entry(const struct bag *bag, const char *key)
{
	return bag_find(bag, key, strlen(key));
}

static void test_all_fields(void)
{
	static const char text[] =
		"# Runs: 3\n# Partial: it was ended before its own end.\n"
		"[program]\r\nexec = '/usr/bin/true'\nargs = [\"\\u00e9\\t\", 'a\\b']\n"
		"[filesystem] # both\nread = [\"/etc/.\", \"/\"]\nwrite = [ # some\n"
		"  \"/tmp\", # 2 of 3\n  \"/var\"\n]\n"
		"[network]\nallow = [\"udp://[2001:db8::1]:53\", "
		"\"udp://192.0.2.1:0\"]\nallow_bind = [0, 8_080]\n"
		"[syscalls]\nallow = [\"read\", \"ioctl:0x5401\"]\n"
		"[limits]\nmemory = \"12M\"\nprocesses = 3\nopen_files = 64\ndisk = \"100\"\n";
	struct profile p;

	if (!ok(read_text(text, &p), "a profile with everything in it is read"))
		return;
	ok(p.program.count == 3 && !strcmp(p.program.at[0], "/usr/bin/true") &&
		   !strcmp(p.program.at[1], "\xc3\xa9\t") && !strcmp(p.program.at[2], "a\\b"),
	   "its program, with what escapes mean");
	ok(p.runs == 3 && p.partial && entry(&p.read, "/etc/.") && entry(&p.read, "/") &&
		   entry(&p.write, "/tmp")->flags == 2 && entry(&p.write, "/var")->flags == 3,
	   "in how many runs its files were seen");
	ok(entry(&p.allow, "udp://[2001:db8::1]:53") && entry(&p.allow, "udp://192.0.2.1:0") &&
		   entry(&p.bind, "0") && entry(&p.bind, "8080") &&
		   entry(&p.calls, "ioctl:0x5401") && p.calls_said,
	   "its endpoints, ports and calls");
	ok(p.memory_kib == 12288 && p.processes == 3 && p.open_files == 64 && p.disk_kib == 1,
	   "its limits");
	profile_free(&p);
}

static void test_wrong(void)
{
	static const struct {
		const char *text, *why;
		unsigned line, column;
	} cases[] = {
		{ "[files]", "no section [files]", 1, 1 },
		{ "[filesystem]\nraed = []", "filesystem.raed is not known", 2, 1 },
		{ "exec = \"/a\"", "exec is not known", 1, 1 },
		{ "[filesystem]\nread = [\n  \"/a\",\n  \"etc\",\n]", "begins with /", 4, 3 },
		{ "[filesystem]\nread = [\"/a/../b\"]", "without ..", 2, 9 },
		{ "[filesystem]\nread = [\"/a//b\"]", "without ..", 2, 9 },
		{ "[filesystem]\nread = [\"/./b\"]", "without ..", 2, 9 },
		{ "[filesystem]\nread = [\"/a/\"]", "without ..", 2, 9 },
		{ "[filesystem]\nread = [\"/a\", \"/a\"]", "twice", 2, 15 },
		{ "[filesystem]\nread = []\nread = []", "set twice", 3, 1 },
		{ "[filesystem]\nread = \"/a\"", "takes a list", 2, 8 },
		{ "[filesystem]\nread = [1]", "takes a list of strings", 2, 9 },
		{ "[filesystem]\nread = [\"/a\" \"/b\"]", "a comma", 2, 14 },
		{ "[filesystem]\nread = [\"/a\"", "no end", 2, 13 },
		{ "[filesystem]\nread = [\"/a]", "no end", 2, 9 },
		{ "[filesystem]\nread = [\"/\\q\"]", "no such escape", 2, 11 },
		{ "[filesystem]\nread = [\"/\\ud800\"]", "no such escape", 2, 11 },
		{ "[filesystem]\nread = [\"/\xff\"]", "no UTF-8", 2, 9 },
		{ "[filesystem]\nread = [[\"/a\"]]", "lists in lists", 2, 9 },
		{ "[network]\nallow = [\"tcp://1.2.3:4\"]", "an endpoint is", 2, 10 },
		{ "[network]\nallow = [\"tcp://1.2.3.4\"]", "an endpoint is", 2, 10 },
		{ "[network]\nallow = [\"tcp://1.2.3.4:65536\"]", "an endpoint is", 2, 10 },
		{ "[network]\nallow = [\"tcp://[::1:4\"]", "an endpoint is", 2, 10 },
		{ "[network]\nallow = [\"sctp://1.2.3.4:5\"]", "an endpoint is", 2, 10 },
		{ "[network]\nallow = [\"udp://[::1]:53\", \"udp://[::01]:53\"]", "twice", 2, 28 },
		{ "[network]\nallow_bind = [65536]", "0 to 65535", 2, 15 },
		{ "[network]\nallow_bind = [0x50]", "number systems", 2, 15 },
		{ "[network]\nallow_bind = [010]", "begin with 0", 2, 15 },
		{ "[syscalls]\nallow = [\"raed\"]", "no system call", 2, 10 },
		{ "[syscalls]\nallow = [\"ioctl:5\"]", "in hex", 2, 10 },
		{ "[limits]\nmemory = \"12MiB\"", "K, M or G", 2, 10 },
		{ "[limits]\nmemory = \"0\"", "K, M or G", 2, 10 },
		{ "[program]\nargs = [\"a\"]", "exec comes before", 2, 9 },
		{ "[program]\nargs = []\nexec = \"a\"", "begins with /", 3, 8 },
		{ "[limits]\nmemory = \"1073741825M\"", "K, M or G", 2, 10 },
		{ "[limits]\nmemory = \"99999999999999999999G\"", "K, M or G", 2, 10 },
		{ "[limits]\nprocesses = 0", "from 1 on", 2, 13 },
		{ "[limits]\nprocesses = 1.5", "fractions", 2, 13 },
		{ "[limits]\nprocesses = 99999999999999999999", "too large", 2, 13 },
		{ "[limits]\nprocesses = 1 2", "nothing else", 2, 15 },
		{ "[limits]\nprocesses 1", "= is expected", 2, 11 },
		{ "[limits]\nprocesses = { }", "tables in one line", 2, 13 },
		{ "[limits]\na.b = 1", "dotted keys", 2, 2 },
		{ "[limits", "written [name]", 1, 8 },
		{ "[[limits]]", "lists of tables", 1, 1 },
		{ "[program]\nargs = []\nexec = \"\"\"\n", "several lines", 3, 8 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct profile_error error;
		struct profile p;
		int err = profile_read(cases[i].text, strlen(cases[i].text), &p, &error);

		ok(err && error.line == cases[i].line && error.column == cases[i].column &&
			   strstr(error.text, cases[i].why),
		   "%s, at %u:%u", cases[i].why, cases[i].line, cases[i].column);
	}
}

static void test_collapse(void)
{
	static const char text[] =
		"[filesystem]\nread = ['/usr/share/zone/a', '/usr/share/zone/b', "
		"'/usr/share/zone/c',\n"
		"'/usr/share/zone/.', '/usr/share/zone/deep/d', '/etc/a', '/etc/b', '/etc/c', "
		"'/a', '/b', '/c',\n"
		"'/opt/two/a', '/opt/two/b', '/etc/ssh/x', '/etc/ssh/y', '/etc/ssh/z',\n"
		"'/home/me/a', '/home/me/b', '/home/me/c', '/home/me/.ssh/a', '/home/me/.ssh/b', "
		"'/home/me/.ssh/c',\n"
		"'/home/me/work/a', '/home/me/work/b', '/home/me/work/c']\n";
	struct profile p;

	if (!ok(read_text(text, &p) && !profile_collapse(&p, 3, "/home/me"),
		"rules are made fewer"))
		return;
	ok(entry(&p.read, "/usr/share/zone") && !entry(&p.read, "/usr/share/zone/a") &&
		   !entry(&p.read, "/usr/share/zone/deep/d") && entry(&p.read, "/home/me/work") &&
		   !entry(&p.read, "/home/me/work/b"),
	   "three in one directory are the directory, and what was below it is, too");
	ok(entry(&p.read, "/opt/two/a") && !entry(&p.read, "/opt/two"), "two are two");
	ok(entry(&p.read, "/etc/a") && entry(&p.read, "/a") && entry(&p.read, "/home/me/a") &&
		   !entry(&p.read, "/etc") && !entry(&p.read, "/") && !entry(&p.read, "/home/me"),
	   "but not at the top, and not where others have their things");
	ok(entry(&p.read, "/etc/ssh/x") && entry(&p.read, "/home/me/.ssh/a") &&
		   !entry(&p.read, "/etc/ssh") && !entry(&p.read, "/home/me/.ssh"),
	   "nor where keys are");
	profile_free(&p);
}

/* What is another's at the next run, or a secret, is no rule that others lead to. */
static void test_guarded(void)
{
	static const char text[] =
		"[filesystem]\nread = ['/home/you/.ssh/a', '/home/you/.ssh/b', '/root/.ssh/a', "
		"'/root/.ssh/b',\n"
		"'/home/you/a', '/home/you/b', '/home/you/work/a', '/home/you/work/b',\n"
		"'/srv/you/a', '/srv/you/b', '/srv/you/.gnupg/a', '/srv/you/.gnupg/deep/b', "
		"'/srv/you/.gnupg/deep/c',\n"
		"'/home/you/.ssh-notes/a', '/home/you/.ssh-notes/b',\n"
		"'/proc/*/stat', '/proc/*/status', '/sys/kernel/mm/a', '/sys/kernel/mm/b']\n"
		"write = ['/proc/*/uid_map', '/proc/*/gid_map', '/srv/you/c', '/srv/you/d']\n";
	static const char *const homes[] = { NULL, "/root" };

	for (int i = 0; i < 2; i++) {
		struct profile p;

		if (!ok(read_text(text, &p) && !profile_collapse(&p, 2, homes[i]),
			"rules are made fewer, of whomever the home is"))
			return;
		ok(!entry(&p.read, "/home/you/.ssh") && !entry(&p.read, "/root/.ssh") &&
			   !entry(&p.read, "/home/you") && entry(&p.read, "/home/you/work") &&
			   entry(&p.read, "/home/you/.ssh-notes"),
		   "nobody's keys become all keys");
		ok(!entry(&p.read, "/srv/you") && !entry(&p.write, "/srv/you") &&
			   !entry(&p.read, "/srv/you/.gnupg") &&
			   !entry(&p.read, "/srv/you/.gnupg/deep"),
		   "wherever they are, nor is what they lie in theirs");
		ok(!entry(&p.read, "/proc/*") && !entry(&p.write, "/proc/*") &&
			   !entry(&p.read, "/sys/kernel/mm"),
		   "what the kernel says of one thing it does not say of all");
		profile_free(&p);
	}
}

static void test_diff(void)
{
	char room[1024] = "";
	FILE *f = fmemopen(room, sizeof(room), "w");
	struct profile before, after;

	ok(read_text("[filesystem]\nread = ['/a', '/b']\n[limits]\nmemory = '1M'\n", &before) &&
		   read_text(
			   "[filesystem]\nread = ['/b', '/c']\nwrite = ['/a']\n[syscalls]\nallow = "
			   "['read']\n[limits]\nmemory = '2M'\n",
			   &after) &&
		   profile_diff(&before, &after, f) && !fclose(f) &&
		   !strcmp(room,
			   "- read /a\n+ read /c\n+ write /a\n+ call read\n! calls are listed\n"
			   "! memory 2048K, was 1024K\n"),
	   "what differs between two is said line by line");
	f = fopen("/dev/null", "w");
	ok(!profile_diff(&after, &after, f), "nothing, where nothing does");
	fclose(f);
	profile_free(&before);
	profile_free(&after);
}

static void test_merge(void)
{
	struct profile one, other;

	if (!read_text("[filesystem]\nread = [\"/a\", \"/b\"]\n[limits]\nprocesses = 2\n", &one) ||
	    !read_text("# Runs: 2\n[filesystem]\nread = [\"/b\", \"/c\", # 1 of "
		       "2\n]\n[limits]\nprocesses = 5\nmemory = \"1K\"\n",
		       &other))
		abort();
	ok(!profile_merge(&one, &other) && one.runs == 3 && entry(&one.read, "/a")->flags == 1 &&
		   entry(&one.read, "/b")->flags == 3 && entry(&one.read, "/c")->flags == 1,
	   "a rule was seen in as many runs as of both together");
	ok(one.processes == 5, "a limit is the higher one");
	ok(!one.memory_kib, "and none where one of them has none");
	if (profile_merge(&other, &one))
		abort();
	ok(other.processes == 5 && !other.memory_kib, "whichever that is");
	profile_free(&one);
	profile_free(&other);
}

/* As people write them, and as the warden has them. */
static void test_endpoints(void)
{
	static const char *const same[][2] = {
		{ "udp://[::0001]:53", "udp://[::1]:53" },
		{ "tcp://[2001:DB8:0:0::1]:443", "tcp://[2001:db8::1]:443" },
		{ "udp://127.0.0.1:0099", "udp://127.0.0.1:99" },
		{ "udp://[::ffff:127.0.0.1]:77", "udp://127.0.0.1:77" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		char text[128];
		struct profile p;

		snprintf(text, sizeof(text), "[network]\nallow = [\"%s\"]\n", same[i][0]);
		if (!ok(read_text(text, &p) && p.allow.count == 1 && entry(&p.allow, same[i][1]),
			"%s is %s", same[i][0], same[i][1]))
			continue;
		profile_free(&p);
	}
}

/* A word of a command may be long. */
static void test_long_words(void)
{
	static char word[TOML_STRING_MOST + 2], text[TOML_STRING_MOST + 64];
	struct profile p;

	memset(word, 'x', TOML_STRING_MOST);
	snprintf(text, sizeof(text), "[program]\nexec = '/a'\nargs = ['%s']\n", word);
	ok(TOML_STRING_MOST >= 32 * 4096 && toml_can(word, strlen(word)) && read_text(text, &p) &&
		   p.program.count == 2 && !strcmp(p.program.at[1], word),
	   "the longest word that pages of 4 KiB allow is read");
	profile_free(&p);
	word[TOML_STRING_MOST] = 'x';
	snprintf(text, sizeof(text), "[program]\nexec = '/a'\nargs = ['%s']\n", word);
	ok(!toml_can(word, strlen(word)) && !read_text(text, &p), "a longer one is not written");
}

static void test_corpus(void)
{
	static char text[1 << 20];
	DIR *dir = opendir(CORPUS);
	struct dirent *e;
	unsigned count = 0;

	while (dir && (e = readdir(dir))) {
		char path[512];
		size_t n;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", CORPUS, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!f)
			continue;
		n = fread(text, 1, sizeof(text), f);
		fclose(f);
		(void)LLVMFuzzerTestOneInput((unsigned char *)text, n);
		/* And cut anywhere, as a full disk leaves it. */
		for (size_t cut = 0; cut < n; cut += 1 + n / 512)
			(void)LLVMFuzzerTestOneInput((unsigned char *)text, cut);
		count++;
	}
	if (dir)
		closedir(dir);
	ok(count >= 3, "all of the corpus reads as it is written, or is refused with a place");
}

int main(void)
{
	test_all_fields();
	test_wrong();
	test_merge();
	test_collapse();
	test_guarded();
	test_endpoints();
	test_long_words();
	test_diff();
	test_corpus();
	return tap_done();
}
