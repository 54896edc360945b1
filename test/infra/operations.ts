import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PIPELINE } from '../../infra/pipeline.ts';
import { type Resource, type Templates, targetOf } from './templates.ts';

/** What needs no alarm or dead-letter queue, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  ConfigurationUploader: 'CloudFormation calls it, waits for its answer and fails the deployment without one',
  HeartbeatTopic: 'its alarm is on that nothing is published; nobody is subscribed',
};

const isException = ({ name }: Resource) => Object.keys(EXCEPTIONS).some((start) => name.startsWith(start));

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What operating the app takes, whatever it is made of: nothing gets lost in silence, and nobody may more than he has to.
 *  @param read Gives what is deployed, once tests run. */
export function testOperations(read: () => Templates): void {
  const resources = (type: string) => read().resources(type);

  /** Without what CDK brings itself, and runs only while a stack is deployed. */
  const functions = () => resources('AWS::Lambda::Function').filter(({ name }) => !name.startsWith('Custom'));

  /** The dimension's resource or text of the alarms on a metric. */
  function alarmed(namespace: string, metric: string, dimension: string): string[] {
    return resources('AWS::CloudWatch::Alarm')
      .filter(({ properties }) => properties.Namespace === namespace && properties.MetricName === metric)
      .flatMap(({ properties }) => properties.Dimensions ?? [])
      .filter(({ Name }) => Name === dimension)
      .map(({ Value }) => (typeof Value === 'string' ? Value : (targetOf(Value) ?? JSON.stringify(Value))));
  }

  const namesOf = (found: readonly Resource[]) => found.map(({ name }) => name).sort();

  describe('every asynchronous edge', () => {
    /** Queues that others name as where they leave what they cannot hand over. */
    const deadLetterQueues = () => {
      const arns = [
        ...resources('AWS::SQS::Queue').map(({ properties }) => properties.RedrivePolicy?.deadLetterTargetArn),
        ...resources('AWS::SNS::Subscription').map(({ properties }) => properties.RedrivePolicy?.deadLetterTargetArn),
        ...resources('AWS::Events::Rule').flatMap(({ properties }) =>
          properties.Targets.map((target: { DeadLetterConfig?: { Arn: unknown } }) => target.DeadLetterConfig?.Arn),
        ),
      ];
      return new Set(arns.map(targetOf).filter((name) => name !== undefined));
    };

    it('queues: each has a dead-letter queue or is one', () => {
      const dead = deadLetterQueues();
      const work = resources('AWS::SQS::Queue').filter(({ name }) => !dead.has(name));
      assert.equal(work.length, PIPELINE.length);
      for (const { name, properties } of work) assert.ok(properties.RedrivePolicy, name);
    });

    it('schedules, subscriptions: each has a dead-letter queue', () => {
      for (const { name, properties } of resources('AWS::Events::Rule')) {
        for (const target of properties.Targets) assert.ok(target.DeadLetterConfig, name);
      }
      const subscriptions = resources('AWS::SNS::Subscription');
      assert.ok(subscriptions.length >= 2);
      for (const { name, properties } of subscriptions) assert.ok(properties.RedrivePolicy, name);
    });

    it('who leaves messages in a dead-letter queue may', () => {
      const policies = new Map<string, string>();
      for (const { properties } of resources('AWS::SQS::QueuePolicy')) {
        for (const queue of properties.Queues)
          policies.set(targetOf(queue)!, JSON.stringify(properties.PolicyDocument));
      }
      const senders = [
        ...resources('AWS::SNS::Subscription').map(({ properties }) => ({
          service: 'sns.amazonaws.com',
          arn: properties.RedrivePolicy.deadLetterTargetArn,
        })),
        ...resources('AWS::Events::Rule').map(({ properties }) => ({
          service: 'events.amazonaws.com',
          arn: properties.Targets[0].DeadLetterConfig.Arn,
        })),
      ];
      for (const { service, arn } of senders) assert.match(policies.get(targetOf(arn)!)!, new RegExp(service));
    });

    it('functions: nobody calls one without waiting, but CloudFormation', () => {
      const asynchronous = [
        ...resources('AWS::Lambda::Permission').map(({ properties }) => properties.Principal),
        ...resources('AWS::SNS::Subscription').map(({ properties }) => properties.Protocol),
      ];
      assert.deepEqual([...new Set(asynchronous)].sort(), ['apigateway.amazonaws.com', 'email']);
      for (const { properties } of resources('AWS::Events::Rule')) {
        for (const { Arn } of properties.Targets) assert.match(targetOf(Arn)!, /Queue/);
      }
    });

    it('dead-letter queues: an alarm is on each', () => {
      const alarms = alarmed('AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName');
      assert.deepEqual(alarms.sort(), [...deadLetterQueues()].sort());
      assert.equal(alarms.length, PIPELINE.length + 2);
    });
  });

  describe('alarms', () => {
    it('are on the errors of every function, and on throttles', () => {
      const watched = functions().filter((found) => !isException(found));
      assert.equal(watched.length, PIPELINE.length + 1);
      assert.deepEqual(alarmed('AWS/Lambda', 'Errors', 'FunctionName').sort(), namesOf(watched));
      // Without a dimension it is about all functions, so none may have a limit of its own.
      const [throttles, ...others] = resources('AWS::CloudWatch::Alarm').filter(
        ({ properties }) => properties.MetricName === 'Throttles',
      );
      assert.deepEqual([throttles.properties.Dimensions, others], [undefined, []]);
      for (const { name, properties } of functions())
        assert.equal(properties.ReservedConcurrentExecutions, undefined, name);
    });

    it('are on the age of messages of slots, above what they are delayed', () => {
      const slots = PIPELINE.filter(({ oldMinutes }) => oldMinutes !== undefined);
      assert.deepEqual(
        slots.map(({ name }) => name),
        ['scrape', 'evaluate-rules'],
      );
      const ages = alarmed('AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName');
      assert.deepEqual(
        ages.map((name) => name.replace(/Queue[0-9A-F]{8}$/, '')),
        ['Scrape', 'EvaluateRules'],
      );
      for (const { oldMinutes } of slots) assert.ok(oldMinutes! * 60 > 90);
    });

    it('are on what topics cannot deliver, told to another topic', () => {
      const topics = resources('AWS::SNS::Topic').filter((found) => !isException(found));
      assert.deepEqual(alarmed('AWS/SNS', 'NumberOfNotificationsFailed', 'TopicName').sort(), namesOf(topics));
      for (const { properties } of resources('AWS::CloudWatch::Alarm')) {
        if (properties.MetricName !== 'NumberOfNotificationsFailed') continue;
        const [about] = properties.Dimensions.map(({ Value }: { Value: unknown }) => targetOf(Value));
        assert.notEqual(targetOf(properties.AlarmActions[0]), about);
      }
    });

    it('are raised when nothing comes: no scrape slot in 5 minutes, no heartbeat', () => {
      const missing = resources('AWS::CloudWatch::Alarm').filter(
        ({ properties }) => properties.TreatMissingData === 'breaching',
      );
      assert.deepEqual(
        missing.map(({ properties }) => [
          properties.MetricName,
          properties.ComparisonOperator,
          properties.Threshold,
          (properties.Period * properties.EvaluationPeriods) / 60,
        ]),
        [
          ['NumberOfMessagesPublished', 'LessThanThreshold', 1, 10],
          ['SlotsHandled', 'LessThanThreshold', 1, 5],
        ],
      );
      const [, { properties: scrapes }] = missing;
      assert.equal(scrapes.Namespace, 'Emberwatch');
      const [environment] = functions()
        .map(({ properties }) => properties.Environment.Variables)
        .filter(({ POWERTOOLS_SERVICE_NAME }) => POWERTOOLS_SERVICE_NAME === 'scrape');
      assert.deepEqual(
        scrapes.Dimensions.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]).sort(),
        [
          ['service', environment.POWERTOOLS_SERVICE_NAME],
          ['stage', environment.STAGE],
        ],
      );
    });

    it('reach people: each has a topic that takes alarms, and says what to do', () => {
      const policies = new Map(
        resources('AWS::SNS::TopicPolicy').map(({ properties }) => [
          targetOf(properties.Topics[0])!,
          properties.PolicyDocument.Statement,
        ]),
      );
      const alarms = resources('AWS::CloudWatch::Alarm');
      assert.ok(alarms.length > 20);
      for (const { name, properties } of alarms) {
        assert.equal(properties.AlarmActions.length, 1, name);
        assert.deepEqual(properties.OKActions, properties.AlarmActions, name);
        assert.ok(properties.AlarmDescription.length > 40, name);
        const statements = policies.get(targetOf(properties.AlarmActions[0])!);
        assert.ok(statements, name);
        const allowed = statements.some(
          ({ Effect, Action, Principal, Condition }: Record<string, unknown>) =>
            Effect === 'Allow' &&
            Action === 'sns:Publish' &&
            (Principal as { Service?: string }).Service === 'cloudwatch.amazonaws.com' &&
            JSON.stringify(Condition).includes('aws:SourceAccount'),
        );
        assert.ok(allowed, `${name}: CloudWatch may not publish to its topic`);
      }
    });
  });

  describe('roles', () => {
    /** What AWS has no narrower resource for, or what is ours alone, by function. */
    const WIDE: readonly { readonly actions: RegExp; readonly resource: RegExp; readonly reason: string }[] = [
      {
        actions: /^s3:(?:Get|Put|Delete)Object$/,
        resource: /^\["<Bucket>","\/\*"\]$/,
        reason: 'objects are named after streams and slots; the bucket is ours alone, and its configuration is denied',
      },
      {
        actions: /^s3:(?:GetObject|PutObject|GetObjectTagging|PutObjectTagging)$/,
        resource: /^\["<Bucket>","\/config\/\*"\]$/,
        reason: 'objects are named after the files of the configuration, whichever there are',
      },
    ];

    const policies = () => resources('AWS::IAM::Policy').filter(({ name }) => !name.startsWith('Custom'));
    const statementsOf = ({ properties }: Resource) => properties.PolicyDocument.Statement as readonly Statement[];

    /** `{"Fn::Join":["",[{"Fn::GetAtt":["Bucket83908E77","Arn"]},"/*"]]}` → `["<Bucket>","/*"]`. */
    const shown = (resource: unknown) =>
      JSON.stringify((resource as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1] ?? resource, (_, value) => {
        const name = targetOf(value);
        return name?.startsWith('Bucket') ? '<Bucket>' : value;
      });

    it('each function has its own, which only Lambda may take', () => {
      const roles = functions().map(({ properties }) => targetOf(properties.Role));
      assert.equal(new Set(roles).size, functions().length);
      for (const { name, properties } of resources('AWS::IAM::Role').filter((role) => roles.includes(role.name))) {
        assert.equal(properties.ManagedPolicyArns, undefined, name);
        const [statement, ...others] = properties.AssumeRolePolicyDocument.Statement;
        assert.deepEqual([statement.Principal, others], [{ Service: 'lambda.amazonaws.com' }, []]);
      }
      for (const { name, properties } of policies()) {
        assert.equal(properties.Roles.length, 1, name);
      }
    });

    it('allow single actions on single resources, but what is listed', () => {
      for (const policy of policies()) {
        for (const { Effect, Action, Resource } of statementsOf(policy)) {
          for (const action of [Action].flat()) assert.match(action, /^[a-z0-9-]+:[A-Za-z]+$/, policy.name);
          if (Effect !== 'Allow') continue;
          for (const resource of [Resource].flat()) {
            const text = shown(resource);
            if (!text.includes('*')) continue;
            const reason = WIDE.find(
              (wide) => wide.resource.test(text) && [Action].flat().every((a) => wide.actions.test(a)),
            );
            assert.ok(reason, `${policy.name} allows ${[Action].flat().join()} on ${text}`);
          }
        }
      }
    });

    it('let nobody write the configuration but its upload, nor delete but who has to', () => {
      for (const policy of policies()) {
        const denials = statementsOf(policy).filter(({ Effect }) => Effect === 'Deny');
        const writes = statementsOf(policy).some(
          ({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes('s3:PutObject'),
        );
        const expected = writes && !isException(policy) ? 1 : 0;
        assert.equal(denials.length, expected, policy.name);
        for (const { Action } of denials) assert.deepEqual([Action].flat().sort(), ['s3:DeleteObject', 's3:PutObject']);
      }
    });
  });

  describe('functions', () => {
    it('have bundles of these sizes', (t) => {
      const sizes = Object.entries(read().bundles).map(([name, { sizeBytes }]) => ({ name, sizeBytes }));
      for (const { name, sizeBytes } of sizes) {
        t.diagnostic(`${name.padEnd(22)} ${(sizeBytes / 1024).toFixed(0).padStart(5)} KB`);
      }
      const limitsKb: Readonly<Record<string, number>> = {
        api: 1500,
        notify: 1750,
        scrape: 1450,
        'upload-configuration': 400,
      };
      for (const { name, sizeBytes } of sizes) assert.ok(sizeBytes < (limitsKb[name] ?? 1300) * 1024, name);
    });
  });
}
