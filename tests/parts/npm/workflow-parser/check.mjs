// Checks workflows and actions (action.yml) with GitHub's own parser and schemas. One line an error; exit code 1 when there is one.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { basename } from 'node:path';

// The package imports its schemas without saying that they are JSON, which bundlers take and Node refuses.
register('data:text/javascript,' + encodeURIComponent(`
  import { readFile } from 'node:fs/promises';
  export async function load(url, context, next) {
    if (!url.endsWith('.json')) return next(url, context);
    return { format: 'module', shortCircuit: true, source: 'export default ' + await readFile(new URL(url), 'utf8') };
  }`));
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
const { convertActionTemplate, parseAction } = await import('@actions/workflow-parser/actions/index');

for (const name of process.argv.slice(2)) {
  const file = { name, content: await readFile(name, 'utf8') };
  const action = basename(name).startsWith('action.');
  const { context, value } = (action ? parseAction : parseWorkflow)(file, new NoOperationTraceWriter());
  if (value) await (action ? convertActionTemplate : convertWorkflowTemplate)(context, value);
  for (const error of context.errors.getErrors()) {
    console.log(error.message);
    process.exitCode = 1;
  }
}
