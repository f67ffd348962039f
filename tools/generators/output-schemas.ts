import { ApplySchema } from '../../src/core/render/apply-schema.ts';
import { HistorySchema } from '../../src/core/render/history-schema.ts';
import { PlanFileSchema } from '../../src/core/render/plan-file-schema.ts';
import { PlanSchema } from '../../src/core/render/plan-schema.ts';
import { ReviewSchema } from '../../src/core/render/review-schema.ts';
import { StatusSchema } from '../../src/core/render/status-schema.ts';
import { ValidateSchema } from '../../src/core/render/validate-schema.ts';
import { plainSchema } from '../schemas.ts';

const draft = 'http://json-schema.org/draft-07/schema#';

const outputs = {
  plan: PlanSchema,
  'plan-file': PlanFileSchema,
  'apply-result': ApplySchema,
  'validate-result': ValidateSchema,
  history: HistorySchema,
  status: StatusSchema,
  review: ReviewSchema,
};

/** JSON Schemas of what commands print with `-o json`, and of the file that `plan --out` writes. */
export function generate(): Promise<ReadonlyMap<string, string>> {
  return Promise.resolve(
    new Map(
      Object.entries(outputs).map(([name, schema]) => [
        `schemas/${name}.json`,
        `${JSON.stringify({ $schema: draft, ...plainSchema(schema) }, undefined, 2)}\n`,
      ]),
    ),
  );
}
