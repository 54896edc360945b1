import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { buildApp, ROOT } from '../../infra/build-app.ts';
import type { Bundles } from '../../infra/bundle.ts';
import { PIPELINE } from '../../infra/pipeline.ts';
import { testOperations } from './operations.ts';
import { readTemplates, type TemplateResource } from './templates.ts';

interface Resource extends TemplateResource {
  readonly Properties: Record<string, unknown>;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const folder = mkdtempSync(join(tmpdir(), 'emberwatch-infra-'));
const outdir = join(folder, 'cdk.out');
/** Logical name → resource, of each stack. */
const stacks = new Map<string, Readonly<Record<string, Resource>>>();
let bundles: Bundles;

before(async () => {
  const dashboardFolder = join(folder, 'dashboard');
  mkdirSync(dashboardFolder);
  writeFileSync(join(dashboardFolder, 'index.html'), '<!doctype html>');
  const context = { alertEmails: 'team@example.com,boss@example.com', operatorEmails: ['ops@example.com'] };
  const built = await buildApp({ outdir, context }, { dashboardFolder });
  bundles = built.bundles;
  // Throws where cdk-nag finds something that is not acknowledged.
  for (const { stackName, template } of built.app.synth().stacks) stacks.set(stackName, template.Resources);
});

testOperations(() => readTemplates(stacks, bundles));

after(() => rmSync(folder, { recursive: true, force: true }));

function resources(type: string, stack?: string): [name: string, resource: Resource][] {
  const chosen = stack === undefined ? [...stacks.values()] : [stacks.get(stack)!];
  return chosen.flatMap((all) => Object.entries(all).filter(([, { Type }]) => Type === type));
}

/** The properties of the resources of a type. Templates have no types of their own. */
function properties(type: string, stack?: string) {
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON
  return resources(type, stack).map(([, { Properties }]) => Properties as any);
}

/** Without what CDK brings itself to upload a site. */
function ours(type: string, stack?: string): Resource[] {
  return resources(type, stack).flatMap(([name, resource]) => (name.startsWith('Custom') ? [] : [resource]));
}

test('what holds data stands in a stack of its own', () => {
  assert.deepEqual([...stacks.keys()], ['Emberwatch-Data', 'Emberwatch-Api', 'Emberwatch-Pipeline']);
  for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic']) {
    assert.equal(resources(type).length, resources(type, 'Emberwatch-Data').length, type);
  }
});

test('the table expires records, can be restored, and outlives its stack', () => {
  const [[, table]] = resources('AWS::DynamoDB::Table');
  assert.equal(table.DeletionPolicy, 'Retain');
  const { BillingMode, TimeToLiveSpecification, PointInTimeRecoverySpecification, KeySchema } = table.Properties;
  assert.equal(BillingMode, 'PAY_PER_REQUEST');
  assert.deepEqual(TimeToLiveSpecification, { AttributeName: 'expiresAt', Enabled: true });
  assert.deepEqual(PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: true });
  assert.deepEqual(KeySchema, [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ]);
});

test('buckets are private, encrypted, by TLS only; what is past its retention goes', () => {
  const blocked = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  };
  for (const bucket of properties('AWS::S3::Bucket')) {
    assert.deepEqual(bucket.PublicAccessBlockConfiguration, blocked);
    assert.ok(bucket.BucketEncryption);
  }
  const policies = properties('AWS::S3::BucketPolicy').map((policy) => JSON.stringify(policy));
  assert.equal(policies.length, resources('AWS::S3::Bucket').length);
  for (const policy of policies) assert.match(policy, /"aws:SecureTransport":"false"/);
  const [[, bucket]] = resources('AWS::S3::Bucket', 'Emberwatch-Data');
  assert.equal(bucket.DeletionPolicy, 'Retain');
  const { Rules } = bucket.Properties.LifecycleConfiguration as { Rules: readonly Record<string, unknown>[] };
  assert.deepEqual(
    Rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]),
    [
      [undefined, undefined],
      ['windows/', 22],
      ['notifications/', 30],
      ['config/', 1],
    ],
  );
});

test('each function of the pipeline reads its queue, one message at a time, and can say which failed', () => {
  const mappings = properties('AWS::Lambda::EventSourceMapping');
  assert.equal(mappings.length, PIPELINE.length);
  for (const mapping of mappings) {
    assert.deepEqual(mapping.FunctionResponseTypes, ['ReportBatchItemFailures']);
    assert.equal(mapping.BatchSize, 1);
    assert.ok(mapping.ScalingConfig.MaximumConcurrency >= 2);
  }
});

test('a message stays hidden longer than its function may run', () => {
  for (const { name, timeoutSeconds } of PIPELINE) {
    const start = name.replaceAll('-', '').toLowerCase();
    const [, queue] = resources('AWS::SQS::Queue').find(
      ([id, { Properties }]) => id.toLowerCase().startsWith(`${start}queue`) && Properties.RedrivePolicy,
    )!;
    const [, lambda] = resources('AWS::Lambda::Function', 'Emberwatch-Pipeline').find(([id]) =>
      id.toLowerCase().startsWith(`${start}function`),
    )!;
    assert.equal(lambda.Properties.Timeout, timeoutSeconds);
    assert.ok((queue.Properties.VisibilityTimeout as number) > timeoutSeconds, name);
  }
});

test('the clock wakes discovery each minute and compaction each hour', () => {
  const rules = properties('AWS::Events::Rule').map(({ ScheduleExpression, Targets }) => [
    ScheduleExpression,
    Targets.map(({ Input }: { readonly Input: string }) => Input),
  ]);
  assert.deepEqual(rules.sort(), [
    ['rate(1 hour)', ['{}']],
    ['rate(1 minute)', ['{}']],
  ]);
});

test('functions run on arm64 and Node 24, each with a log that ends', () => {
  const functions = ours('AWS::Lambda::Function').map(({ Properties }) => Properties);
  assert.equal(functions.length, PIPELINE.length + 2);
  for (const { Runtime, Architectures } of functions) {
    assert.deepEqual([Runtime, Architectures], ['nodejs24.x', ['arm64']]);
  }
  for (const log of properties('AWS::Logs::LogGroup')) assert.equal(log.RetentionInDays, 14);
});

test('only those that delete objects may, and only the notifier publishes, to the configured topics', () => {
  const actionsOf = (name: string) =>
    resources('AWS::IAM::Policy', 'Emberwatch-Pipeline')
      .filter(([id]) => id.startsWith(`${name}Role`))
      .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { readonly Statement: Statement[] }).Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action);
  const having = (action: string) =>
    ['Discover', 'Schedule', 'Scrape', 'EvaluateRules', 'DispatchAlerts', 'Notify', 'Compact'].filter((name) =>
      actionsOf(name).includes(action),
    );
  assert.deepEqual(having('s3:DeleteObject'), ['Discover', 'Compact']);
  assert.deepEqual(having('sns:Publish'), ['Notify']);
  assert.deepEqual(having('secretsmanager:GetSecretValue'), []);
  assert.deepEqual(having('sqs:SendMessage'), ['Discover', 'Schedule', 'EvaluateRules', 'DispatchAlerts', 'Notify']);
});

test('the addresses of the context are subscribed', () => {
  const mails = properties('AWS::SNS::Subscription').map(({ Protocol, Endpoint }) => [Protocol, Endpoint]);
  assert.deepEqual(mails, [
    ['email', 'team@example.com'],
    ['email', 'boss@example.com'],
    ['email', 'ops@example.com'],
  ]);
});

test('the API is throttled and asks for the token of a secret that is made at deployment', () => {
  const [stage] = properties('AWS::ApiGatewayV2::Stage');
  assert.deepEqual(stage.DefaultRouteSettings, { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 });
  const [secret] = properties('AWS::SecretsManager::Secret');
  assert.equal(secret.GenerateSecretString.PasswordLength, 40);
  const api = properties('AWS::Lambda::Function').find(({ Environment }) => Environment?.Variables.API_TOKEN_SECRET);
  assert.match(JSON.stringify(api.Environment.Variables.API_TOKEN_SECRET), /secretsmanager:/);
  assert.ok(api.Timeout < 30);
});

test('functions are told where the configuration is, and it is uploaded there', () => {
  const [upload] = properties('Custom::EmberwatchConfiguration', 'Emberwatch-Data');
  assert.equal(upload.action, 'upload');
  assert.match(upload.prefix, /^config\/[0-9a-f]{16}\/$/);
  for (const { Environment } of properties('AWS::Lambda::Function', 'Emberwatch-Pipeline')) {
    assert.equal(Environment.Variables.CONFIG_PREFIX, upload.prefix);
  }
  const files = JSON.parse(readFileSync(join(bundles['upload-configuration'].folder, 'files.json'), 'utf8'));
  assert.deepEqual(Object.keys(files), ['alertmanager.yml', 'prometheus.yml', 'rules/emberwatch.yml']);
});

test('the last thing that a deployment does is to let the configurations of before go', () => {
  const [[name, cleanup]] = resources('Custom::EmberwatchConfiguration', 'Emberwatch-Pipeline');
  const [upload] = properties('Custom::EmberwatchConfiguration', 'Emberwatch-Data');
  assert.deepEqual([cleanup.Properties.action, cleanup.Properties.prefix], ['keep-only', upload.prefix]);
  const others = resources('AWS::Lambda::Function', 'Emberwatch-Pipeline').map(([id]) => id);
  const { DependsOn = [] } = stacks.get('Emberwatch-Pipeline')![name] as { readonly DependsOn?: readonly string[] };
  for (const other of others) assert.ok(DependsOn.includes(other), other);
});

test('bundles start', async () => {
  process.env.BUCKET_NAME = process.env.TABLE_NAME = 'test';
  process.env.EXTERNAL_URL = 'https://watch.example.com';
  process.env.API_TOKEN_SECRET = 'secretsmanager:token';
  for (const name of ['DISCOVER', 'SCHEDULE', 'SCRAPE', 'EVALUATE_RULES', 'DISPATCH_ALERTS', 'NOTIFY']) {
    process.env[`QUEUE_URL_${name}`] = `https://sqs.us-east-1.amazonaws.com/1/${name}`;
  }
  assert.deepEqual(
    Object.keys(bundles).sort(),
    ['api', ...PIPELINE.map(({ name }) => name), 'upload-configuration'].sort(),
  );
  for (const [name, { folder }] of Object.entries(bundles)) {
    const module = await import(pathToFileURL(join(folder, 'index.mjs')).href);
    assert.equal(typeof module.handler, 'function', name);
  }
});

test('cdk synth ends with the place of a mistake in the configuration', () => {
  const wrong = join(folder, 'wrong');
  mkdirSync(wrong);
  writeFileSync(join(wrong, 'prometheus.yml'), 'global:\n  scrape_interval: 15s\n  scrape_intervall: 15s\n');
  writeFileSync(join(wrong, 'alertmanager.yml'), 'route:\n  receiver: nobody\nreceivers: []\n');
  const env = {
    ...process.env,
    CDK_CONTEXT_JSON: JSON.stringify({ config: wrong }),
    CDK_OUTDIR: join(folder, 'wrong.out'),
  };
  const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], { cwd: ROOT, env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /wrong\/prometheus\.yml:3:3: .*scrape_intervall/);
  assert.match(stderr, /wrong\/alertmanager\.yml:2:13: .*nobody/);
});
