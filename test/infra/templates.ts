import type { Bundles } from '../../infra/bundle.ts';

/** A resource of a template. */
export interface Resource {
  readonly stack: string;
  readonly name: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON
  readonly properties: any;
  readonly deletionPolicy?: string;
}

/** The app as it would be deployed. */
export interface Templates {
  /** Of all stacks, or of one. */
  resources(type?: string, stack?: string): readonly Resource[];
  readonly bundles: Bundles;
}

/** @param stacks Name → the resources of its template. */
export function readTemplates(
  stacks: ReadonlyMap<string, Readonly<Record<string, TemplateResource>>>,
  bundles: Bundles,
): Templates {
  const all = Array.from(stacks, ([name, resources]) => resourcesOf(name, resources)).flat();
  return {
    bundles,
    resources: (type, stack) =>
      all.filter((found) => (type ?? found.type) === found.type && (stack ?? found.stack) === found.stack),
  };
}

/** A resource as a template has it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: object;
  readonly DeletionPolicy?: string;
}

function resourcesOf(stack: string, resources: Readonly<Record<string, TemplateResource>>): Resource[] {
  return Object.entries(resources).map(([name, { Type, Properties = {}, DeletionPolicy }]) => ({
    stack,
    name,
    type: Type,
    properties: Properties,
    deletionPolicy: DeletionPolicy,
  }));
}

/** The name of the resource that a value of a template refers to, also where it is another stack's. */
export function targetOf(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const found = value as { Ref?: string; 'Fn::GetAtt'?: readonly string[]; 'Fn::ImportValue'?: string };
  if (found.Ref !== undefined) return found.Ref;
  if (found['Fn::GetAtt'] !== undefined) return found['Fn::GetAtt'][0];
  // `Emberwatch-Data:ExportsOutputRefOperatorsTopic2DD4C5916F7AFC6E`: its hash is the last eight characters.
  const imported = /:ExportsOutput(?:Ref|FnGetAtt)(.*)[0-9A-F]{8}$/.exec(found['Fn::ImportValue'] ?? '');
  return imported?.[1].replace(/(?<=[0-9A-F]{8})(?:Arn|QueueName|TopicName|QueueUrl)$/, '');
}
