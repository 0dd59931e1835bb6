import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'

const ruleSchema = z.strictObject({
  alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
})

const fileSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema) })),
})

/** One alert of a rule file. */
export type AlertRule = z.output<typeof ruleSchema>

/** The alerts of a file. @throws ZodError for a rule without one of the parts that ours have. */
export const readAlertRules = (file: string): readonly AlertRule[] =>
  fileSchema.parse(parse(readFileSync(file, 'utf8'))).groups.flatMap(({ rules }) => rules)
