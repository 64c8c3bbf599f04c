import type { Track } from '../model/timeline.ts';

export const TimelineHead = ({ tracks, compared }: { tracks: readonly Track[]; compared: boolean }) => (
  <thead>
    <tr>
      <th scope="col" class="number">
        ms
      </th>
      {compared && (
        <>
          <th scope="col" class="number">
            its ms
          </th>
          <th scope="col" class="whose">
            <span class="unseen">whose</span>
          </th>
        </>
      )}
      {tracks.map((track) => (
        <th key={track} scope="col" class={`track t-${track}`}>
          {track}
        </th>
      ))}
    </tr>
  </thead>
);
