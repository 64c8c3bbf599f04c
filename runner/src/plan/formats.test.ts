import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { jobSchema } from '../lib/job.ts';
import { projectRoot } from '../lib/project.ts';
import { parseYaml } from '../lib/yaml-file.ts';
import { checkedScenarioSchema } from './check-scenario.ts';
import { loadMatrixFile } from './matrix-file.ts';
import { loadScenarios } from './scenarios.ts';

const FORMATS = path.join(projectRoot, 'docs/formats.md');

/** The code block behind a heading of docs/formats.md. */
function example(heading: string, language: string): string {
  const text = readFileSync(FORMATS, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const block = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)?.[1];
  if (block === undefined) throw new Error(`docs/formats.md has no ${language} block below ${heading}`);
  return block;
}

describe('docs/formats.md', () => {
  test('has a scenario that the schema and every further check take', () => {
    const parsed = parseYaml(FORMATS, example('scenario.yaml', 'yaml'), checkedScenarioSchema);
    expect(Object.keys(parsed.shapes)).toEqual(['single-shot', 'continuous', 'from-start', 'mid-run']);
  });

  test('has a job that the schema takes', () => {
    const text = example('Job', 'jsonc').replace(/ \/\/ .*$/gm, '');
    expect(jobSchema.parse(JSON.parse(text)).limitMs).toBe(60000);
  });
});

describe("the project's own", () => {
  const dir = path.join(projectRoot, 'scenarios');

  test('scenarios and matrix.yaml are as they should be, with the kernels of the catalogue', async () => {
    const scenarios = (await loadScenarios([dir])).map(({ id }) => id);
    const catalogue = z.object({ kernels: z.record(z.string(), z.unknown()) });
    const file = path.join(projectRoot, 'kernels/catalogue.yaml');
    const { kernels } = parseYaml(file, readFileSync(file, 'utf8'), catalogue);
    const matrix = await loadMatrixFile(path.join(dir, 'matrix.yaml'), {
      kernels: Object.keys(kernels),
      scenarios,
    });
    expect(Object.keys(matrix.profiles)).toEqual([
      'quick',
      'default',
      'hooks',
      'full',
      'soak',
      'stress',
      'debug',
    ]);
  });
});
