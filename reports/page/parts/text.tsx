import { visible } from '../model/visible.ts';

/** One line of text that somebody else wrote. */
export const Text = ({ of, most }: { of: string; most?: number }) => <bdi dir="ltr">{visible(of, most)}</bdi>;
