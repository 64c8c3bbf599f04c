import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheAt } from '../../lib/cache.ts';
import { kernelIdSchema } from '../../lib/ids.ts';
import type { SourceKernel } from '../catalogue.ts';
import type { Context } from '../context.ts';

/** A made-up kernel whose makefile plays the part of kbuild, in a second, and a host with a made-up compiler for it. */

const MAKEFILE = `# SPDX-License-Identifier: GPL-2.0
VERSION = 6
PATCHLEVEL = 13
SUBLEVEL = 7
EXTRAVERSION =
objects := $(patsubst %,$(O)/%.o,one two three)

allnoconfig:
	@grep -v CONFIG_ABSENT $(KCONFIG_ALLCONFIG) > $(O)/.config

# What depends on NET falls without a word.
olddefconfig:
	@grep -q CONFIG_NET=y $(O)/.config || sed -i '/CONFIG_INET=y/d' $(O)/.config

# In order, so that what was done before a failure is known.
$(O)/two.o: $(O)/one.o
$(O)/three.o: $(O)/two.o
$(O)/%.o: %.c
	@echo '  CC      $*.o'
	@if [ -n "$$FAIL_AT" ] && [ "$$FAIL_AT" = $* ]; then echo '$*.c:1: error: as asked for' >&2; exit 1; fi
	@cp $< $@ && touch $(O)/.$*.o.cmd

zImage: $(objects)
	@mkdir -p $(O)/arch/arm/boot $(O)/include/config $(O)/include/generated $(O)/scripts/basic
	@cat $(objects) > $(O)/arch/arm/boot/zImage
	@echo '6.13.7' > $(O)/include/config/kernel.release
	@touch $(O)/System.map $(O)/include/config/auto.conf $(O)/include/generated/autoconf.h
	@printf '#!/bin/sh\\n' > $(O)/scripts/basic/fixdep && chmod +x $(O)/scripts/basic/fixdep

modules: zImage
	@touch $(O)/Module.symvers
`;

const KCONFIG = `mainmenu "made up"
config NET
	bool "Networking"
	help
	  depends on nothing at all

if NET
config INET
	bool "TCP/IP"
endif
`;

const FILES: Record<string, string> = {
  Makefile: MAKEFILE,
  Kconfig: KCONFIG,
  'one.c': 'int one(void);\n',
  'two.c': 'two\n',
  'three.c': 'three\n',
  'include/linux/kernel.h': '/* kernel.h */\n',
  'scripts/Makefile.build': '# made up\n',
  'scripts/kconfig/conf.c': '/* not for modules */\n',
  'arch/arm/Makefile': '# made up\n',
  'arch/arm/include/asm/page.h': '/* page.h */\n',
};

export const MADE_UP_ID = kernelIdSchema.parse('6.13');

export const madeUpKernel = (changes: Partial<SourceKernel> = {}): SourceKernel => ({
  ...{ kind: 'source', id: MADE_UP_ID, sibling: MADE_UP_ID, about: 'made up', newestGcc: 12 },
  parameters: [],
  slowness: 1,
  source: { version: '6.13', url: 'https://kernel.example/linux-6.13.tar.xz', sha256: '0'.repeat(64) },
  arches: {
    arm: {
      ...{ target: 'zImage', image: 'arch/arm/boot/zImage', compiler: 'made-up-arm', make: ['KCFLAGS=-w'] },
      edits: [{ file: 'one.c', find: 'int one(void);', replace: 'int one(int);', why: 'a test' }],
      config: [],
    },
  },
  ...changes,
});

export interface Lab extends AsyncDisposable {
  dir: string;
  tree: string;
  fragments: string;
  /** Host programs; a test may add to them or take some away. */
  bin: string;
  /** What was said while it went on. */
  said: string[];
  context(changes?: Partial<Context>): Context;
}

const GCC = (version: string): string => `#!/bin/sh\necho 'made-up-arm-gcc (made up) ${version}'\n`;

export async function lab({ gcc = '12.2.0' } = {}): Promise<Lab> {
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-kernel-'));
  const [tree, fragments, bin] = ['linux', 'fragments', 'bin'].map((name) => path.join(dir, name));
  if (!tree || !fragments || !bin) throw new Error('three names are three paths');
  await writeFiles(tree, FILES);
  await writeFiles(fragments, { 'lab.config': '# what the lab needs\nCONFIG_NET=y\nCONFIG_INET=y\n' });
  await writeFiles(bin, { 'made-up-arm-gcc': GCC(gcc) }, 0o755);
  for (const name of ['flex', 'bison', 'bc']) await writeFiles(bin, { [name]: '#!/bin/sh\n' }, 0o755);
  const said: string[] = [];
  const context = (changes: Partial<Context> = {}): Context => ({
    ...{ cache: cacheAt(path.join(dir, 'cache')), env: { PATH: `${bin}:${process.env.PATH}` } },
    ...{ signal: new AbortController().signal, now: () => new Date(), ready: false, refreshedAt: 0 },
    download: () => Promise.reject(new Error('nothing is packaged here')),
    fetch: () =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('there is no network here') })),
    kernelSources: new Map([[MADE_UP_ID, tree]]),
    onStep: (step, state, detail) => void said.push([step, state, detail ?? ''].join(' ').trim()),
    ...changes,
  });
  return {
    ...{ dir, tree, fragments, bin, said, context },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

export async function writeFiles(
  dir: string,
  files: Readonly<Record<string, string>>,
  mode = 0o644,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.join(dir, path.dirname(name)), { recursive: true });
    await writeFile(path.join(dir, name), content, { mode });
  }
}

export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');
