/** Like Promise.all, but when the first failure is thrown nothing of it is still running. */
export async function allOrFirstFailure<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work) as Promise<unknown> as Promise<T>;
}
