/** The pages of inspections, and what one must be permitted to open them. */
export const INSPECTION_PAGES = [
  { page: 'inspections', needs: 'inspection.view' },
  { page: 'year-plan', needs: 'inspection.view' },
  { page: 'approvals', needs: 'inspection.view' },
  { page: 'due', needs: 'inspection.view' },
  { page: 'numbers', needs: 'inspection.numbers.view' },
  { page: 'coverage', needs: 'inspection.view' },
] as const;

/** Registers that inspectors' law and people come from. */
export const LAW_REGISTERS = ['law_clauses', 'checklist_items', 'holidays', 'offices', 'officers'] as const;
