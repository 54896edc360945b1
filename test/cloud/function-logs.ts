/** What functions wrote into their logs on an emulator, oldest first.
 *  @param options.groupStart Begins the names of their log groups. */
export async function readLogs(options: {
  readonly endpoint: string;
  readonly groupStart: string;
}): Promise<readonly { readonly group: string; readonly message: string }[]> {
  const { endpoint, groupStart } = options;
  const { logGroups = [] } = await askLogs<{ logGroups?: { logGroupName: string }[] }>(
    endpoint,
    'DescribeLogGroups',
    {},
  );
  const found: { group: string; message: string; timestamp: number }[] = [];
  for (const { logGroupName: group } of logGroups) {
    if (!group.startsWith(groupStart)) continue;
    const { events = [] } = await askLogs<{ events?: { message: string; timestamp: number }[] }>(
      endpoint,
      'FilterLogEvents',
      { logGroupName: group, limit: 10_000 },
    );
    for (const event of events) found.push({ group, ...event });
  }
  return found.sort((a, b) => a.timestamp - b.timestamp);
}

/** Nothing else here needs a client of CloudWatch Logs. */
async function askLogs<T>(endpoint: string, operation: string, parameters: object): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${operation}`,
    },
    body: JSON.stringify(parameters),
  });
  if (!response.ok) throw new Error(`Cannot read logs: got status ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
