import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** What the operators are told of. */
export interface OperatorAlarmProps {
  /** What is wrong, and what to do. */
  readonly description: string;
  readonly metric: IMetric;
  /** In trouble is who has more than this … */
  readonly above?: number;
  /** … or less than this; then having nothing at all is trouble, too. */
  readonly below?: number;
  /** How many periods of the metric it has to be so. @default 1 */
  readonly periods?: number;
  readonly operatorTopic: ITopic;
}

/** An alarm that tells the operators, also when the trouble is over. */
export class OperatorAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: OperatorAlarmProps) {
    const { above, below, operatorTopic } = props;
    super(scope, id, {
      alarmDescription: props.description,
      metric: props.metric,
      threshold: above ?? below ?? 0,
      comparisonOperator:
        below === undefined ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: props.periods ?? 1,
      treatMissingData: below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    this.addAlarmAction(new SnsAction(operatorTopic));
    this.addOkAction(new SnsAction(operatorTopic));
  }
}

/** Periods of metrics. */
export const ONE_MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);
