import { describe, expect, test } from 'vitest';
import { cell as exampleCell } from '../judge/testing.ts';
import { UserError } from '../lib/errors.ts';
import { hooksSchema } from '../lib/hooks/index.ts';
import type { Arch, Lane, UsedBackend } from '../lib/ids.ts';
import { JOB_BYTES, jobSchema, limitSecondsOf, serializeJob } from '../lib/job.ts';
import { type Scenario, underBackend, usedBackend } from '../lib/scenario.ts';
import {
  jobCount,
  makeJob,
  scheduleSeed,
  scheduleSettings,
  seedIndex,
  wantsTruth,
  withSeed,
} from './index.ts';
import { loadScenarios } from './scenarios.ts';
import { folder } from './testing.ts';

async function exampleOf() {
  await using place = await folder();
  await place.scenario('argv/one');
  const [scenario] = await loadScenarios([place.dir]);
  if (!scenario) throw new Error('the example is not there');
  return { ...exampleCell, scenario, trials: scenario.trials };
}

describe('scheduleSeed', () => {
  const CELL = 'argv/thread-rewrite@arm/debian-6.1';

  test('is the same today as ever: a report names it, and it must replay', () => {
    expect(scheduleSeed('1', CELL, 0)).toMatchInlineSnapshot(`"6729458811465559598"`);
    expect(scheduleSeed('1', CELL, 1)).toMatchInlineSnapshot(`"2601823049337965865"`);
  });

  test('changes with the run, the cell and the index, and never meets itself by accident', () => {
    const seeds = new Set<string>();
    for (const run of ['0', '1', '18446744073709551615']) {
      for (const cell of [CELL, 'argv/thread-rewrite@arm/debian-6.12', 'a/b@c/d']) {
        for (let index = 0; index < 200; index++) seeds.add(scheduleSeed(run, cell, index));
      }
    }
    expect(seeds.size).toBe(3 * 3 * 200);
  });

  test('its parts cannot be shifted into each other', () => {
    expect(scheduleSeed('1', 'a/b@c/d\n1', 2)).not.toBe(scheduleSeed('1', 'a/b@c/d', 12));
    expect(scheduleSeed('11', 'a/b@c/d', 1)).not.toBe(scheduleSeed('1', '1a/b@c/d', 1));
  });

  test('is a positive number of 63 bits', () => {
    for (let index = 0; index < 500; index++) {
      const seed = BigInt(scheduleSeed('7', CELL, index));
      expect(seed > 0n && seed < 2n ** 63n).toBe(true);
    }
  });
});

describe('makeJob', () => {
  test('more trials than the limit was written for have as much more time, and fewer no less', async () => {
    const cell = await exampleOf();
    const [own, more, fewer] = [10, 16, 1].map((guarded) => {
      const job = makeJob(
        { ...cell, trials: { ...cell.trials, guarded } },
        'guarded',
        0,
        '7',
        '/attacks/a/b',
      );
      return serializeJob(job, cell.scenario.id);
    });
    const texts = [own, more, fewer].map((text) => text ?? '');
    expect(texts.map((text) => limitSecondsOf(text))).toEqual([60, 96, 60]);
    expect(limitSecondsOf(...texts)).toBe(96);
  });

  test('is what the mailbox takes: words, tables and environment in their places', async () => {
    const job = makeJob(await exampleOf(), 'control', 0, '7', '/attacks/argv/one');
    expect(jobSchema.parse(job)).toEqual({
      ...{ v: 1, lane: 'control', seed: '7', limitMs: 60000, truth: true },
      ...{ root: false, leaks: true, hooks: [] },
      sysctl: { 'kernel/yama/ptrace_scope': '0' },
      milestones: {},
      capabilities: [],
      blocked: [],
      argv: [
        ...['/bin/warden', 'run', '--backend', 'auto', '--argv-guard', 'none', '--events', '3'],
        ...['--policy', '/policies/argv/one', '--', '/attacks/argv/one', '--shape', 'single'],
      ],
      env: ['PF_SEED=7', 'PF_TRIALS=10'],
    });
  });

  test('schedules take shapes in turn, and the most specific table wins whole', async () => {
    const cell = await exampleOf();
    const even = makeJob(cell, 'guarded', 2, '7', '/a');
    const odd = makeJob(cell, 'guarded', 3, '7', '/a');
    expect(even.argv.slice(-2)).toEqual(['--shape', 'single']);
    expect(odd.argv.slice(-2)).toEqual(['--shape', 'late']);
    expect(odd.leaks).toBe(false);
    expect([even.sysctl, odd.sysctl]).toEqual([
      { 'kernel/yama/ptrace_scope': '0' },
      { 'kernel/yama/ptrace_scope': '1' },
    ]);
    expect(even.milestones).toEqual({ armed: { 'kernel/yama/ptrace_scope': '3' } });
  });

  test('a flaw is the guarded and the honest warden’s, and the control lane has the ordinary one', async () => {
    const cell = await exampleOf();
    const scenario = { ...cell.scenario, flaw: 'single-pass' as const };
    const words = (lane: Lane) => makeJob({ ...cell, scenario }, lane, 0, '7', '/a').argv.slice(0, 5);
    const flawed = ['/bin/warden-flawed', 'run', '--flaw', 'single-pass', '--backend'];
    expect(words('control')).toEqual(['/bin/warden', 'run', '--backend', 'auto', '--argv-guard']);
    expect([words('guarded'), words('honest')]).toEqual([flawed, flawed]);
  });

  test('an attack on the hooks is root’s, under no warden', async () => {
    const cell = await exampleOf();
    const { lanes } = cell.scenario;
    const control = { ...lanes.control, warden: [], hooks: ['--hooks', 'off'] };
    const scenario = { ...cell.scenario, subject: 'hooks' as const, lanes: { ...lanes, control } };
    const job = makeJob({ ...cell, scenario }, 'control', 0, '7', '/attacks/hooks/one');
    expect(job.root).toBe(true);
    expect(job.argv).toEqual(['/attacks/hooks/one', '--shape', 'single', '--hooks', 'off']);
  });

  test('hooks are compiled for the arch, and the most specific list wins whole', async () => {
    const cell = await exampleOf();
    const { lanes } = cell.scenario;
    const hook = (on: 'exit' | 'fork') => hooksSchema.parse([{ on }]);
    const guarded = { ...lanes.guarded, watch: [] };
    const scenario = { ...cell.scenario, watch: hook('fork'), lanes: { ...lanes, guarded } };
    const hooks = (arch: Arch, lane: Lane) =>
      makeJob({ ...cell, scenario, arch }, lane, 0, '7', '/a').hooks.flat();
    expect(hooks('arm', 'guarded')).toEqual([]);
    const [big = '', little = ''] = [...hooks('mips', 'control'), ...hooks('mipsel', 'control')];
    expect(Buffer.from(big, 'base64').readUInt32BE(4)).toBe(4);
    expect(Buffer.from(little, 'base64').readUInt32LE(4)).toBe(4);
  });

  test('a shape of one backend is left out under the other', async () => {
    const cell = await exampleOf();
    const { single, late } = cell.scenario.shapes;
    if (!single || !late) throw new Error('the example has other shapes');
    const scenario = { ...cell.scenario, shapes: { single, late: { ...late, backend: 'notify' as const } } };
    const namesOf = (backend: UsedBackend): string[] =>
      [0, 1, 2].map((index) => scheduleSettings(underBackend(scenario, backend), 'guarded', index).shape);
    expect(namesOf('notify')).toEqual(['single', 'late', 'single']);
    expect(namesOf('trace')).toEqual(['single', 'single', 'single']);
  });

  test('where backends are compared each seed is run with every shape, each under its own backend', async () => {
    const cell = await exampleOf();
    const { single, late } = cell.scenario.shapes;
    if (!single || !late) throw new Error('the example has other shapes');
    const shapes = {
      single: { ...single, backend: 'notify' as const },
      late: { ...late, backend: 'trace' as const },
    };
    const agreement = [{ from: 'attack' as const, event: 'ran', where: {} }];
    const compared = { ...cell, scenario: { ...cell.scenario, shapes, agreement } };
    expect(underBackend(compared.scenario, 'notify')).toEqual(compared.scenario);
    expect(jobCount(compared, 'guarded')).toBe(2 * jobCount(cell, 'guarded'));
    const jobs = [0, 1, 2, 3].map((index) => makeJob(compared, 'guarded', index, '7', '/a').argv);
    expect(jobs.map((argv) => [argv[3], argv.at(-1)])).toEqual([
      ['notify', 'single'],
      ['trace', 'late'],
      ['notify', 'single'],
      ['trace', 'late'],
    ]);
    const seeds = (one: Scenario) => [0, 1, 2, 3].map((index) => seedIndex(one, 'guarded', index));
    expect([seeds(compared.scenario), seeds(cell.scenario)]).toEqual([
      [0, 0, 1, 1],
      [0, 1, 2, 3],
    ]);
  });

  test('auto is notify where the kernel has user notification, else trace', () => {
    expect(usedBackend('auto', { 'user-notification': 1, 'notification-restart': 1 })).toBe('notify');
    expect(usedBackend('auto', { 'user-notification': 1, 'notification-restart': 0 })).toBe('trace');
    expect(usedBackend('auto', { 'user-notification': 0 })).toBe('trace');
    expect(usedBackend('trace', { 'user-notification': 1 })).toBe('trace');
  });

  test("a shape's table wins over its lane's, and a lane's over the scenario's", async () => {
    const cell = await exampleOf();
    const { guarded } = cell.scenario.lanes;
    const lanes = { ...cell.scenario.lanes, guarded: { ...guarded, sysctl: { 'kernel/x': '9' } } };
    const own = { ...cell, scenario: { ...cell.scenario, lanes } };
    expect(makeJob(own, 'guarded', 0, '7', '/a').sysctl).toEqual({ 'kernel/x': '9' });
    expect(makeJob(own, 'guarded', 1, '7', '/a').sysctl).toEqual({ 'kernel/yama/ptrace_scope': '1' });
  });

  test('a capability, or a call that is blocked, goes by the same rule', async () => {
    const cell = await exampleOf();
    const { late, ...others } = cell.scenario.shapes;
    if (!late) throw new Error('the example has no such shape');
    const scenario: Scenario = {
      ...cell.scenario,
      blocked: ['ptrace'],
      capabilities: ['sys_ptrace'],
      shapes: { ...others, late: { ...late, capabilities: [] } },
    };
    const [even, odd] = [0, 1].map((index) => makeJob({ ...cell, scenario }, 'guarded', index, '7', '/a'));
    expect([even?.capabilities, odd?.capabilities]).toEqual([['sys_ptrace'], []]);
    expect([even?.blocked, odd?.blocked]).toEqual([['ptrace'], ['ptrace']]);
  });

  test("a lane's words come behind the shape's", async () => {
    const job = makeJob(await exampleOf(), 'honest', 0, '7', '/a');
    expect(job.argv.slice(-3)).toEqual(['--shape', 'single', '--honest']);
    expect(job.env).toContain('PF_TRIALS=5');
  });

  test("the kernel's word is asked for where a pattern wants it, and only there", async () => {
    const { scenario } = await exampleOf();
    expect(wantsTruth(scenario)).toBe(true);
    const [first] = scenario.breach;
    if (!first) throw new Error('the example has no breach');
    expect(wantsTruth({ ...scenario, breach: [first] })).toBe(false);
    const agreement = [{ from: 'hooks' as const, event: 'exec', where: {} }];
    expect(wantsTruth({ ...scenario, breach: [], agreement })).toBe(true);
  });

  test('a job that does not fit names its scenario', async () => {
    const cell = await exampleOf();
    const long = {
      ...cell,
      scenario: { ...cell.scenario, sysctl: { 'kernel/core_pattern': 'x'.repeat(4100) } },
    };
    expect(() => makeJob(long, 'control', 0, '7', '/a')).toThrow(UserError);
    expect(() => makeJob(long, 'control', 0, '7', '/a')).toThrow(/^argv\/one: its job takes 4\d+ bytes/);
  });
});

describe('serializeJob', () => {
  test('is ASCII whatever is in it, and says the same', async () => {
    const job = makeJob(await exampleOf(), 'control', 0, '7', '/a');
    const odd = { ...job, argv: ['"\u00ff\u2028😀\u007f"\n'] };
    const text = serializeJob(odd, 'argv/one');
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toEqual(odd);
  });

  test('takes a job of exactly the size there is, and not a byte more', async () => {
    const job = { ...makeJob(await exampleOf(), 'control', 0, '7', '/a'), argv: [''] };
    const room = JOB_BYTES - serializeJob(job, 'x').length;
    expect(serializeJob({ ...job, argv: ['x'.repeat(room)] }, 'x')).toHaveLength(JOB_BYTES);
    expect(() => serializeJob({ ...job, argv: ['x'.repeat(room + 1)] }, 'x')).toThrow(UserError);
  });
});

describe('withSeed', () => {
  const watch = hooksSchema.parse([
    { on: 'exec', do: { yield: true } },
    { on: 'exec', do: { yield: true, seed: '12' } },
    { on: 'return', syscall: 'close', do: { nice: 3 } },
  ]);

  test.each(['x86_64', 'mips'] as const)(
    'is the job that the other seed would have had, on %s',
    async (arch) => {
      const example = await exampleOf();
      const cell = { ...example, arch, scenario: { ...example.scenario, watch } };
      const [job, other] = ['7', '18446744073709551615'].map((seed) =>
        makeJob(cell, 'guarded', 0, seed, '/a'),
      );
      if (!job || !other) throw new Error('there are two');
      expect(job.hooks).not.toEqual(other.hooks);
      expect(withSeed(job, arch, (1n << 64n) - 1n)).toEqual(other);
      expect(withSeed(other, arch, 7n)).toEqual(job);
    },
  );

  test('leaves what is no hook, and another word for the seed, as they are', async () => {
    const job = {
      ...makeJob(await exampleOf(), 'guarded', 0, '7', '/a'),
      hooks: [['AAAA']],
      env: ['PF_SEED=70'],
    };
    expect(withSeed(job, 'arm', 8n)).toEqual({ ...job, seed: '8' });
  });
});
