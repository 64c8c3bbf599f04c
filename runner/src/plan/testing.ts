import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Folders of scenarios for tests. */

export const SCENARIO_YAML = `claim: The argv that was approved is the argv that runs.
attack: attack.c
needs: [user-notification]
policy:
  rules:
    - { syscall: exec, when: 'argv[1] == "EVIL"', action: deny }
sysctl: { kernel/yama/ptrace_scope: "0" }
shapes:
  single: [--shape, single]
  late: { args: [--shape, late], sysctl: { kernel/yama/ptrace_scope: "1" } }
lanes:
  control: { warden: [--argv-guard, none] }
  guarded: { warden: [--argv-guard, strict], milestones: { armed: { kernel/yama/ptrace_scope: "3" } } }
  honest: { warden: [--argv-guard, strict], args: [--honest] }
schedules: { control: 4, guarded: 6, honest: 2 }
trials: { control: 10, guarded: 10, honest: 5 }
limit: 60s
breach:
  - { from: attack, event: ran, where: { argv1: EVIL } }
  - { from: hooks, event: exec, where: { argv1: EVIL }, unless: { from: warden, event: killed, same: pid } }
work: { from: attack, event: ran, where: { argv1: GOOD } }
alive: [{ from: warden, event: judged, where: { decision: allow } }]
`;

export const HOOKS_YAML = `claim: A hook sees what it looks at.
attack: attack.c
subject: hooks
shapes: { one: [], other: [--other] }
lanes:
  control: { hooks: [--hooks, "off"] }
  guarded: { hooks: [--hooks, "on"] }
  honest: { hooks: [--hooks, "on"], args: [--honest] }
schedules: { control: 2, guarded: 2, honest: 2 }
trials: { control: 2, guarded: 2, honest: 2 }
limit: 60s
breach: [{ from: attack, event: trial, where: { result: wrong } }]
work: { from: attack, event: trial, where: { result: right } }
alive: [{ from: attack, event: alive }]
`;

export const MATRIX_YAML = `profiles:
  quick:
    arches: [x86_64]
    kernels: [debian-6.1]
    scenarios: ["argv/*"]
    schedules: { control: 2, guarded: 1, honest: 1 }
  default:
    arches: [x86_64, arm, mipsel]
    kernels: [debian-6.1]
    scenarios: ["*"]
  full:
    arches: ["*"]
    kernels: ["*"]
    scenarios: ["*"]
    schedules: 2.5
    trials: 0.01
expected:
  "argv/*@mipsel/*": breached
  "argv/swap@mipsel/debian-6.1": overblocked
`;

export interface Folder extends AsyncDisposable {
  dir: string;
  write(name: string, text: string): Promise<string>;
  scenario(id: string, yaml?: string): Promise<void>;
}

export async function folder(): Promise<Folder> {
  const dir = await mkdtemp(path.join(tmpdir(), 'photofinish-test-'));
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(dir, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  return {
    dir,
    write,
    async scenario(id, yaml = SCENARIO_YAML) {
      await write(`${id}/scenario.yaml`, yaml);
      await write(`${id}/attack.c`, 'int main(void) { return 0; }\n');
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Two scenarios and a matrix.yaml. */
export async function projectScenarios(): Promise<Folder> {
  const place = await folder();
  await place.scenario('argv/rewrite');
  await place.scenario('argv/swap');
  await place.scenario('fork/raw');
  await place.write('matrix.yaml', MATRIX_YAML);
  return place;
}
