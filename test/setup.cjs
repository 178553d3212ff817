// @ts-check
// Loaded before all tests. What the AWS SDK says about versions of Node is for those who update it; the switch is that of
// https://github.com/aws/aws-sdk-js-v3/issues/7983.
"use strict";
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
