import { z } from 'zod';
import { ARCHES, kernelIdSchema } from '../lib/ids.ts';

/** The kinds of entries of kernels/catalogue.yaml, as they are written (docs/formats.md). */

const suite = z.string().regex(/^[a-z][a-z0-9-]*$/, 'the code name of a suite, such as bookworm-security');
const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a package');
const makeWord = z.string().regex(/^[A-Z_][A-Z0-9_]*=[^\n$#]*$/, 'a variable for make, such as KCFLAGS=-w');
const belowTree = z
  .string()
  .regex(/^(?!\.\.?(\/|$))[^/\s][^\s]*$/, 'a path below the top of the kernel’s tree')
  .refine((name) => !name.split('/').includes('..'), 'a path below the top of the kernel’s tree');

/** One arch of many, or none of them: an entry without any would be no kernel at all. */
const byArch = <T extends z.ZodType>(entry: T) =>
  z
    .partialRecord(z.enum(ARCHES), entry)
    .refine((arches) => Object.keys(arches).length > 0, 'at least one arch');

export const packagedSchema = z.strictObject({
  about: z.string().min(1),
  suites: z.array(suite).min(1),
  arches: byArch(z.strictObject({ package: packageName })),
});

const editSchema = z.strictObject({
  file: belowTree,
  find: z.string().min(1),
  replace: z.string(),
  why: z.string().min(1),
});

/** A change of one file of a kernel's tree, without which it does not build or not work here. */
export type Edit = z.infer<typeof editSchema>;

const sourceArchSchema = z.strictObject({
  target: z.string().regex(/^[A-Za-z][\w.-]*$/, 'a target of the kernel’s makefile, such as bzImage'),
  image: belowTree,
  compiler: z
    .string()
    .regex(/^[\w.-]+$/, 'the prefix of a cross compiler without its dash, such as arm-linux-gnueabi')
    .optional(),
  make: z.array(makeWord).default([]),
  edits: z.array(editSchema).default([]),
});

const version = z.string().regex(/^\d+\.\d+(\.\d+)?$/, 'the version of a release, in quotes: "4.10"');

const releaseSchema = z.strictObject({
  version,
  url: z.url({ protocol: /^https$/, error: 'an address that starts with https' }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the release’s file, 64 hex digits'),
});

const sourcePackageSchema = z.strictObject({ version, package: packageName, suites: z.array(suite).min(1) });

/** A release of the kernel, as its authors publish it. */
export type Release = z.infer<typeof releaseSchema>;

/** The distribution's own package of a kernel's source; its version is that of the newest one of the suites. */
export type SourcePackage = z.infer<typeof sourcePackageSchema>;

export const sourceSchema = z.strictObject({
  about: z.string().min(1),
  source: z.union([releaseSchema, sourcePackageSchema]),
  newestGcc: z.number().int().positive(),
  memoryMiB: z.number().int().positive().optional(),
  make: z.array(makeWord).default([]),
  edits: z.array(editSchema).default([]),
  arches: byArch(sourceArchSchema),
});

const fragment = z
  .string()
  .regex(/^[a-z0-9][\w.-]*(\/[a-z0-9][\w.-]*)*$/, 'a fragment below kernels/config, such as debug/kasan');
const parameter = z.string().regex(/^[\w.-]+(=[\w.,:/-]+)?$/, 'a kernel parameter, such as PF_CHECKS=1');

export const flavourSchema = z.strictObject({
  about: z.string().min(1),
  flavourOf: kernelIdSchema,
  memoryMiB: z.number().int().positive().optional(),
  slowness: z.number().min(1).max(20).default(1),
  parameters: z.array(parameter).default([]),
  config: z.array(fragment).min(1),
  edits: z.array(editSchema).default([]),
  arches: byArch(
    z.strictObject({
      config: z.array(fragment).default([]),
      edits: z.array(editSchema).default([]),
    }),
  ),
});

/** First only which entries there are: what is wrong with one is then told in the terms of its own kind. */
export const outlineSchema = z.strictObject({ kernels: z.record(kernelIdSchema, z.unknown()) });
