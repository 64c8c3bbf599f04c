/** The filter language: docs/filter-language.md. */

export { checkOn, imageFor, type PlacedPolicy, placePolicy, readPolicy } from './load.ts';
export { PERMISSIVE, type Policy, policySchema } from './policy-schema.ts';
