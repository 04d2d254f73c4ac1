/** The colour of a label, before its name. */
export function LabelDot({ colour }: { colour: string }) {
  return (
    <span
      style={{ flex: 'none', width: 9, height: 9, borderRadius: '50%', background: colour }}
      aria-hidden
    />
  );
}
