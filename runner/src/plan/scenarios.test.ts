import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../lib/errors.ts';
import { comparedBy, obstacleTo } from '../lib/scenario.ts';
import { loadScenarios } from './scenarios.ts';
import { type Folder, folder, HOOKS_YAML, SCENARIO_YAML } from './testing.ts';

async function failure(dirs: readonly string[], place: Folder): Promise<string> {
  const error = await loadScenarios(dirs).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`not a UserError: ${error}`);
  return error.message.replaceAll(place.dir, 'DIR');
}

async function fileFailure(yaml: string): Promise<string> {
  await using place = await folder();
  await place.scenario('argv/one', yaml);
  return await failure([place.dir], place);
}

const changed = (from: string, to: string): string => {
  if (!SCENARIO_YAML.includes(from)) throw new Error(`the example has no ${from}`);
  return SCENARIO_YAML.replace(from, to);
};

describe('folders', () => {
  test('hold family/name/scenario.yaml, and come sorted by id', async () => {
    await using place = await folder();
    await place.scenario('b/two');
    await place.scenario('a/one');
    const loaded = await loadScenarios([place.dir]);
    expect(loaded.map(({ id, dir }) => [id, dir])).toEqual([
      ['a/one', path.join(place.dir, 'a/one')],
      ['b/two', path.join(place.dir, 'b/two')],
    ]);
  });

  test('may hold the names of one family directly', async () => {
    await using place = await folder();
    await place.scenario('mine/first');
    const loaded = await loadScenarios([path.join(place.dir, 'mine')]);
    expect(loaded.map(({ id }) => id)).toEqual(['mine/first']);
  });

  test('given twice count once', async () => {
    await using place = await folder();
    await place.scenario('a/one');
    expect(await loadScenarios([place.dir, `${place.dir}/`])).toHaveLength(1);
  });

  test('with the same id in two places are refused, and both places are named', async () => {
    await using one = await folder();
    await using two = await folder();
    await one.scenario('a/one');
    await two.scenario('a/one');
    const message = await failure([one.dir, two.dir], two);
    expect(message).toBe(`a/one is there twice: in ${one.dir}/a/one and in DIR/a/one`);
  });

  test('without a scenario, or that are not there, are refused', async () => {
    await using place = await folder();
    expect(await failure([place.dir], place)).toMatch(/^DIR holds no scenario/);
    expect(await failure([`${place.dir}/nowhere`], place)).toMatch(/^DIR\/nowhere: .*cannot be read/);
  });

  test('that are a scenario themselves are refused', async () => {
    await using place = await folder();
    await place.scenario('a/one');
    expect(await failure([`${place.dir}/a/one`], place)).toMatch(/is a scenario itself/);
  });

  test('with a name that misses its scenario.yaml are refused, so that no claim vanishes', async () => {
    await using place = await folder();
    await place.scenario('a/one');
    await place.write('a/two/scenario.yml', SCENARIO_YAML);
    expect(await failure([place.dir], place)).toMatch(/^DIR\/a\/two\/scenario\.yaml/);
  });

  test('whose names start with an underscore or a dot are left alone', async () => {
    await using place = await folder();
    await place.scenario('a/one');
    await place.write('a/_notes/x', '');
    await place.write('.git/x/y', '');
    expect(await loadScenarios([place.dir])).toHaveLength(1);
  });

  test('with a name in capitals, or without the attack, are refused', async () => {
    await using place = await folder();
    await place.scenario('A/One');
    expect(await failure([place.dir], place)).toMatch(/in lower case/);
    await using other = await folder();
    await other.write('a/one/scenario.yaml', SCENARIO_YAML);
    expect(await failure([other.dir], other)).toMatch(/there is no attack\.c beside it/);
  });
});

describe('scenario.yaml', () => {
  test.each([
    [
      'a capability that the lab does not give',
      changed('limit: 60s', 'limit: 60s\ncapabilities: [sys_admin]'),
      /capabilities.*sys_ptrace/,
    ],
    [
      'a call that the lab does not block',
      changed('lanes:', '  other: { args: [], blocked: [read] }\nlanes:'),
      /blocked.*ptrace/,
    ],
    [
      'an unknown key',
      changed('claim:', 'calim: x\nclaim:'),
      /scenario\.yaml:1:1: unknown key `calim`.*`claim`/,
    ],
    [
      'no claim',
      changed('claim: The argv that was approved is the argv that runs.\n', ''),
      /`claim` is missing/,
    ],
    ['a limit in minutes', changed('60s', '1m'), /scenario\.yaml:17:8: limit: guest time in whole seconds/],
    ['no time at all', changed('60s', '0s'), /scenario\.yaml:17:8: limit: .*at least 1s/],
    ['YAML that is none', changed('needs: [', 'needs: [['), /scenario\.yaml:\d+:\d+: /],
  ])('with %s is refused, with file, line and column', async (_, yaml, message) => {
    expect(await fileFailure(yaml)).toMatch(message);
  });

  test.each([
    [
      'a guarded lane that is the control lane',
      changed(
        'guarded: { warden: [--argv-guard, strict], milestones: { armed: { kernel/yama/ptrace_scope: "3" } } }',
        'guarded: { warden: [--argv-guard, none] }',
      ),
      /:13:12: lanes\.guarded: is the same as lanes\.control/,
    ],
    [
      'another defence for honest work',
      changed('honest: { warden: [--argv-guard, strict]', 'honest: { warden: [--argv-guard, none]'),
      /lanes\.honest\.warden: must be the flags of lanes\.guarded/,
    ],
    [
      'an honest lane that attacks',
      changed(', args: [--honest]', ''),
      /lanes\.honest: runs the same attack as lanes\.guarded/,
    ],
    [
      'a flag that the lab gives',
      changed('[--argv-guard, none]', '[--argv-guard, none, --events, "9"]'),
      /lanes\.control\.warden\.2: `--events` is given by the lab/,
    ],
    [
      'a flaw that is planted by a flag',
      changed('[--argv-guard, none]', '[--argv-guard, none, --flaw, untraced]'),
      /lanes\.control\.warden\.2: `--flaw` is given by the lab/,
    ],
    ['a flaw that nobody wrote', changed('limit: 60s', 'limit: 60s\nflaw: unheard-of'), /flaw.*early-detach/],
    [
      'shapes that never run',
      changed('control: 4, guarded: 6', 'control: 1, guarded: 6'),
      /schedules\.control: .*late would never run/,
    ],
    [
      'guarded shapes that the control lane does not have',
      changed('guarded: { warden', 'guarded: { shapes: { other: [] }, warden'),
      /lanes\.guarded\.shapes: lanes\.control runs none of these/,
    ],
    [
      'shapes of one backend only',
      changed('  single: [--shape, single]\n  late: {', '  late: { backend: notify,'),
      /shapes: under backend trace lanes\.control has no shape left/,
    ],
    [
      'a shape that looks like a number',
      changed('  single: [', '  7: ['),
      /shapes: `7`: shapes are named in lower case/,
    ],
    ['a milestone that no attack can report', changed('armed:', 'Armed!:'), /`Armed!` is not the name/],
  ])('with %s is refused', async (_, yaml, message) => {
    expect(await fileFailure(yaml)).toMatch(message);
  });

  test.each([
    [
      'an event nobody sends',
      changed('event: exec', 'event: execed'),
      /hooks sends no event `execed`; did you mean exec/,
    ],
    [
      'what no hook of `watch` tells',
      changed('event: exec', 'event: signal'),
      /breach\.1\.event: no hook of `watch` is on signal/,
    ],
    [
      'a hook that `watch` does not have',
      changed('work:', 'watch: [{ on: exec }]\nwork:').replace('EVIL }, unless', 'EVIL, hook: 1 }, unless'),
      /breach\.1\.where\.hook: no `watch` has a hook 1 that is on exec/,
    ],
    [
      'a condition that is wrong',
      changed('work:', 'watch: [{ on: call, syscall: close, when: df == 1 }]\nwork:'),
      /:\d+:43: watch\.0\.when: close has no `df`/,
    ],
    [
      'a condition of a lane that is wrong',
      changed('control: {', 'control: { watch: [{ on: exit, when: fd }],'),
      /lanes\.control\.watch\.0\.when: exit has no `fd`/,
    ],
    [
      'a field the event does not have',
      changed('decision: allow', 'desicion: allow'),
      /alive\.0\.where\.desicion: judged events of warden have no `desicion`; they have .*decision/,
    ],
    [
      'an argument that is a number',
      changed('exec, where: { argv1: EVIL }', 'exec, where: { argv1: 7 }'),
      /arguments are strings/,
    ],
    [
      'a character that is no byte',
      changed('ran, where: { argv1: EVIL }', 'ran, where: { argv1: "Ω" }'),
      /one byte of the guest/,
    ],
    [
      'an event without a pid as a breach',
      changed('from: hooks, event: exec, where: { argv1: EVIL }', 'from: hooks, event: dropped'),
      /breach\.1\.event: has no pid/,
    ],
    [
      'an attack that clears itself',
      changed('unless: { from: warden', 'unless: { from: attack'),
      /breach\.1\.unless\.from: an attack cannot be/,
    ],
    [
      'an attack that vouches for the defence',
      changed(
        'alive: [{ from: warden, event: judged, where: { decision: allow } }]',
        'alive: [{ from: attack, event: ran }]',
      ),
      /alive\.0\.from: the defence itself must show/,
    ],
    [
      'a breach that is the honest work',
      changed(
        'work: { from: attack, event: ran, where: { argv1: GOOD } }',
        'work: { from: attack, event: ran, where: { argv1: EVIL } }',
      ),
      /breach\.0: is the same as `work`/,
    ],
  ])('with %s is refused', async (_, yaml, message) => {
    expect(await fileFailure(yaml)).toMatch(message);
  });
});

describe('the attack of another scenario', () => {
  const borrowing = changed('attack: attack.c', 'attack: argv/one');

  test('is the very same, and needs no file beside', async () => {
    await using place = await folder();
    await place.scenario('argv/one');
    await place.write('planted/two/scenario.yaml', borrowing);
    const [one, two] = await loadScenarios([place.dir]);
    expect(two?.id).toBe('planted/two');
    expect(two?.attack).toEqual({ id: 'argv/one', dir: path.join(place.dir, 'argv/one'), file: 'attack.c' });
    expect(two?.attack).toEqual(one?.attack);
  });

  test('may be in another folder of scenarios', async () => {
    await using place = await folder();
    await using mine = await folder();
    await place.scenario('argv/one');
    await mine.write('own/two/scenario.yaml', borrowing);
    const loaded = await loadScenarios([mine.dir, place.dir]);
    expect(loaded.map(({ attack }) => attack.dir)).toEqual(Array(2).fill(path.join(place.dir, 'argv/one')));
  });

  test('has to be there, and its own', async () => {
    await using place = await folder();
    await place.write('own/two/scenario.yaml', borrowing);
    expect(await failure([place.dir], place)).toBe(
      'DIR/own/two/scenario.yaml: attack: the scenario argv/one is not there',
    );
    await place.write('argv/one/scenario.yaml', borrowing);
    expect(await failure([place.dir], place)).toMatch(/the scenario argv\/one has that of argv\/one$/);
  });

  test('is named as a scenario is, and nothing else', async () => {
    expect(await fileFailure(changed('attack: attack.c', 'attack: ../one/attack.c'))).toMatch(
      /attack: the name of a C file beside scenario\.yaml, or the scenario whose attack it is/,
    );
  });
});

describe('agreement', () => {
  const AGREEMENT = SCENARIO_YAML.replace(/breach:\n(.*\n){2}/, 'agreement: [{ from: attack, event: ran }]\n')
    .replace('single: [--shape, single]', 'single: { args: [--shape, single], backend: notify }')
    .replace('late: {', 'late: { backend: trace,');

  const spoilt = (from: string, to: string): string => {
    if (!AGREEMENT.includes(from)) throw new Error(`the example has no ${from}`);
    return AGREEMENT.replace(from, to);
  };

  test('takes the place of breach', async () => {
    await using place = await folder();
    await place.scenario('argv/one', AGREEMENT);
    const [loaded] = await loadScenarios([place.dir]);
    expect([loaded?.breach, loaded?.agreement]).toEqual([[], [{ from: 'attack', event: 'ran', where: {} }]]);
  });

  test('needs no schedule for each shape, as each seed is run with all of them', async () => {
    await using place = await folder();
    await place.scenario('argv/one', spoilt('control: 4, guarded: 6', 'control: 1, guarded: 1'));
    expect(await loadScenarios([place.dir])).toHaveLength(1);
  });

  test.each([
    [
      'neither breach nor agreement',
      spoilt('agreement: [{ from: attack, event: ran }]\n', ''),
      /needs `breach` or `agreement`/,
    ],
    [
      'a shape without a backend',
      spoilt('late: { backend: trace,', 'late: {'),
      /shapes\.late: names no `backend`/,
    ],
    [
      'shapes of one backend',
      spoilt('backend: trace', 'backend: notify'),
      /shapes: `agreement` compares nothing with trace/,
    ],
    [
      'a lane with shapes of one backend',
      spoilt('args: [--honest] }', 'args: [--honest], shapes: { mine: { args: [], backend: trace } } }'),
      /lanes\.honest\.shapes: `agreement` compares nothing with notify/,
    ],
    [
      'an event that nobody sends',
      spoilt('agreement: [{ from: attack, event: ran }]', 'agreement: [{ from: warden, event: ran }]'),
      /agreement\.0\.event: warden sends no event `ran`/,
    ],
    [
      'a breach that has no trial',
      spoilt('agreement:', 'breach: [{ from: hooks, event: exec, where: { argv1: EVIL } }]\nagreement:'),
      /breach\.0\.from: breaches are counted by trial/,
    ],
  ])('with %s is refused', async (_, yaml, message) => {
    expect(await fileFailure(yaml)).toMatch(message);
  });
});

describe('agreement under a profile', () => {
  const FILES = SCENARIO_YAML.replace(/breach:\n(.*\n){2}/, 'agreement: [{ from: attack, event: ran }]\n')
    .replace(/needs:.*\n/, '')
    .replace('single: [--shape, single]', 'single: { args: [--shape, single], files: landlock }')
    .replace('late: {', 'late: { files: judged,');
  const HELD = FILES.replace(/policy:\n(.*\n){2}/, 'profile: held.toml\n');

  const held = async (yaml: string): Promise<Folder> => {
    const place = await folder();
    await place.scenario('argv/one', yaml);
    await place.write('argv/one/held.toml', '[filesystem]\nread = ["/etc/passwd"]\n');
    return place;
  };

  test('compares who sees to files', async () => {
    await using place = await held(HELD);
    const [loaded] = await loadScenarios([place.dir]);
    if (!loaded) throw new Error('it was loaded');
    expect(comparedBy(loaded)).toEqual({ key: 'files', values: ['landlock', 'judged'] });
    for (const landlock of [0, 1]) {
      expect(obstacleTo(loaded, 'auto', { landlock })).toBe('the target lacks landlock 2');
    }
    expect(obstacleTo(loaded, 'auto', { landlock: 2 })).toBeUndefined();
  });

  test.each([
    ['a shape that does not say', HELD.replace('files: judged,', ''), /shapes\.late: names no `files`/],
    ['shapes of one', HELD.replace('files: judged', 'files: landlock'), /compares nothing with judged/],
    ['no profile', FILES, /shapes\.single\.files: is about a `profile`/],
    [
      'a lane that says it as well',
      HELD.replace('guarded: { warden: [', 'guarded: { warden: [--files, judged, '),
      /lanes\.guarded\.warden: `--files` is given by the shapes/,
    ],
  ])('with %s is refused', async (_, yaml, message) => {
    await using place = await held(yaml);
    expect(await failure([place.dir], place)).toMatch(message);
  });
});

describe('subject: hooks', () => {
  const spoilt = (from: string, to: string): string => {
    if (!HOOKS_YAML.includes(from)) throw new Error(`the example has no ${from}`);
    return HOOKS_YAML.replace(from, to);
  };

  test('takes no policy, and the attack passes on what its session saw', async () => {
    await using place = await folder();
    await place.scenario('hooks/one', HOOKS_YAML);
    const [loaded] = await loadScenarios([place.dir]);
    expect(loaded?.subject).toBe('hooks');
    expect(loaded && obstacleTo(loaded, 'auto', {})).toBeUndefined();
    expect(loaded && obstacleTo(loaded, 'trace', {})).toBe(
      'it runs under no warden, so there is no trace to force',
    );
  });

  test.each([
    ['a policy', spoilt('shapes:', 'policy: { rules: [] }\nshapes:'), /policy: is the warden’s/],
    [
      'flags for a warden',
      spoilt('guarded: { hooks:', 'guarded: { warden: [--track, lazy], hooks:'),
      /lanes\.guarded\.warden: the claim is about the hooks/,
    ],
    [
      'honest work under another defence',
      spoilt('honest: { hooks: [--hooks, "on"]', 'honest: { hooks: [--hooks, "off"]'),
      /lanes\.honest\.hooks: must be the flags of lanes\.guarded/,
    ],
    [
      'the same lane twice',
      spoilt('control: { hooks: [--hooks, "off"] }', 'control: { hooks: [--hooks, "on"] }'),
      /lanes\.guarded: is the same as lanes\.control/,
    ],
    [
      'backends to compare',
      spoilt('breach:', 'agreement: [{ from: attack, event: trial }]\nbreach:'),
      /agreement: compares what the warden does/,
    ],
    ['a flaw of the warden', spoilt('shapes:', 'flaw: untraced\nshapes:'), /flaw: is one of the warden’s/],
    [
      'a warden to kill',
      spoilt('shapes:', 'killsWarden: true\nshapes:'),
      /killsWarden: is the warden’s, and the claim is about the hooks/,
    ],
    ['a subject that is none', spoilt('subject: hooks', 'subject: kernel'), /subject/],
    [
      'nothing of the hooks, under a warden',
      spoilt('subject: hooks\n', ''),
      /lanes\.control\.hooks: the claim is about the warden/,
    ],
  ])('with %s is refused', async (_, yaml, message) => {
    expect(await fileFailure(yaml)).toMatch(message);
  });
});
