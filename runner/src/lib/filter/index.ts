/** The filter language: docs/filter-language.md. */

export { describePolicy } from './describe.ts';
export { encodeImage } from './image.ts';
export { checkOn, imageFor, type PlacedPolicy, placePolicy, readPolicy } from './load.ts';
export { PERMISSIVE, type Policy, policySchema } from './policy-schema.ts';
