export const Legend = () => (
  <p class="legend">
    <span>
      <b>57%</b> control trials that breached
    </span>
    <span>
      <b>&lt;0.30</b> bound on the chance that a schedule breaches, at 95 %
    </span>
    <span>
      <b>*</b> not as expected
    </span>
    <span>
      <b>·</b> hidden by the filter
    </span>
  </p>
);
