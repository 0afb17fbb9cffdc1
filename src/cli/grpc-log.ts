// grpc-js reads this when it is loaded. What it would write to standard error by itself, errors say as well.
process.env['GRPC_VERBOSITY'] ??= 'NONE';
