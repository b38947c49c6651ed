// Grafana's table wants the default export of this CommonJS module, and the bundler would hand it all of its exports.
import scrollbars from 'react-custom-scrollbars-2/lib/index.js';

export default scrollbars.default ?? scrollbars;
