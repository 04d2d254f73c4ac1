import classes from './Labels.module.css';

/** A label as conversations show it. */
export function Mark({ name, colour }: { name: string; colour: string }) {
  return (
    <span className={classes.mark}>
      <span className={classes.dot} style={{ background: colour }} />
      {name}
    </span>
  );
}
