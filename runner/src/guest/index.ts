export { certify } from './certify.ts';
export { BootFailure, bootToReady } from './checkpoint.ts';
export { bootKey, runInputs } from './inputs.ts';
export { type AheadOfJobs, type Guest, prepareGuest, withoutForks } from './prepare.ts';
export { findQemu } from './qemu.ts';
export { type Left, runOnce, runSchedule, type Schedule, Series } from './schedule.ts';
export { shellAt, type Typing } from './shell.ts';
export { openStub } from './stub.ts';
export type { Vm } from './vm.ts';
