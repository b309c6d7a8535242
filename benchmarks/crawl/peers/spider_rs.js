// spider-rs (Rust) under Node: fetches and follows, makes no items: spider_rs.js MODULES START. Prints the URLs.
const { Website } = require(`${process.argv[2]}/node_modules/@spider-rs/spider-rs`);

(async () => {
  const website = new Website(process.argv[3]).build();
  await website.crawl();
  process.stdout.write(website.getLinks().join("\n") + "\n");
})();
