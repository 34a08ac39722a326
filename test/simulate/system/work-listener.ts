/** Called when the function of a step, or of its undo, begins. */
export interface WorkListener {
  readonly onStep: (step: { operation: string; attempt: number; name: string; key: string }) => void;
  readonly onUndo: (undo: { operation: string; name: string; key: string }) => void;
}
