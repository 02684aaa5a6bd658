const root = document.getElementById("swagger-ui");

const ui = SwaggerUIBundle({
  domNode: root,
  url: root.dataset.url,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null, // or Swagger UI asks a server of its own
  onComplete() {
    for (const scheme of root.dataset.bearer.split(" ").filter(Boolean)) {
      ui.preauthorizeApiKey(scheme, root.dataset.token);
    }
  },
});
