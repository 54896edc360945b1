import { type CfnElement, Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct, type IConstruct } from 'constructs';
import { CONTENT_SECURITY_POLICY } from '../../dashboard/security-headers.ts';

/** What a site is made of. */
export interface SiteProps {
  readonly dashboardFolder: string;
  readonly api: IHttpApi;
}

/** The paths of the API; all others are the dashboard's. */
const API_PATHS = ['/api/*', '/alertmanager/*', '/-/*', '/metrics', '/version'];

/** Pages such as `/targets` are all one file. */
const PAGES = `function handler(event) {
  var request = event.request;
  if (!/\\.[a-z0-9]+$/i.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/** The dashboard and the API under one name, so that a browser sees one origin. */
export class Site extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { dashboardFolder, api }: SiteProps) {
    super(scope, id);
    const bucket = this.#createBucket();
    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Emberwatch',
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: this.#createHeaders(),
        functionAssociations: [{ function: this.#createPagesFunction(), eventType: FunctionEventType.VIEWER_REQUEST }],
      },
      additionalBehaviors: Object.fromEntries(API_PATHS.map((path) => [path, this.#apiBehavior(api)])),
    });
    this.url = `https://${distribution.distributionDomainName}`;
    const deployment = new BucketDeployment(this, 'Files', {
      sources: [Source.asset(dashboardFolder)],
      destinationBucket: bucket,
      distribution,
      // Also of pages that are open in a browser: their files have the names of their content, and are asked for again.
      prune: false,
      cacheControl: [CacheControl.fromString('public, max-age=0, must-revalidate')],
    });
    acknowledgeSite(distribution, bucket);
    acknowledgeDeployment(deployment, bucket);
  }

  #createBucket(): Bucket {
    return new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // What it holds comes from the build.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
  }

  #createHeaders(): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
    });
  }

  #createPagesFunction(): EdgeFunction {
    return new EdgeFunction(this, 'Pages', { code: FunctionCode.fromInline(PAGES), runtime: FunctionRuntime.JS_2_0 });
  }

  #apiBehavior(api: IHttpApi): BehaviorOptions {
    const { region, urlSuffix } = Stack.of(this);
    return {
      origin: new HttpOrigin(`${api.apiId}.execute-api.${region}.${urlSuffix}`),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
  }
}

function acknowledgeSite(distribution: Distribution, bucket: Bucket): void {
  const log = 'The dashboard holds no data; what is asked of the API is in the access log of the API';
  acknowledge(bucket, { 'AwsSolutions-S1': log });
  acknowledge(distribution, {
    'AwsSolutions-CFR1': 'Who may use the API is decided by the token, not by where they are',
    'AwsSolutions-CFR2':
      'A web application firewall costs more than all the rest; the API is throttled and needs a token',
    'AwsSolutions-CFR3': log,
    'AwsSolutions-CFR4': 'The certificate of cloudfront.net is given; a domain of your own comes with its own',
  });
}

/** Of the function that CDK itself brings; it only runs while the stack is deployed. */
function acknowledgeDeployment(deployment: BucketDeployment, bucket: Bucket): void {
  const reason = 'The function that uploads a site is made by CDK, and only runs while the stack is deployed';
  const stack = Stack.of(bucket);
  const bucketArn = `<${stack.getLogicalId(bucket.node.defaultChild as CfnElement)}.Arn>`;
  const account = Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account;
  const region = Token.isUnresolved(stack.region) ? '<AWS::Region>' : stack.region;
  const assets = `arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-${account}-${region}`;
  const actions = ['GetObject*', 'GetBucket*', 'List*', 'DeleteObject*', 'Abort*'].map((name) => `Action::s3:${name}`);
  const resources = ['*', `${bucketArn}/*`, `${assets}/*`].map((name) => `Resource::${name}`);
  const findings = [
    'AwsSolutions-L1',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    ...[...actions, ...resources].map((finding) => `AwsSolutions-IAM5[${finding}]`),
  ];
  // It stands beside the construct that asked for it, one for the stack.
  const maker = stack.node.children.find((child) => child.node.findAll().includes(deployment.handlerRole));
  acknowledge(maker ?? stack, Object.fromEntries(findings.map((finding) => [finding, reason])));
}

function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}
