namespace QuantaPilot.Integrations.Tests.Outline;

/// <summary>Small projects of several ecosystems.</summary>
internal static class Samples
{
    public static readonly (string Path, string Text)[] Node =
    [
        ("README.md", "# Orders\n\n![build](badge.svg)\n\nOrders is a service that keeps orders of the Acme Web Shop (AWS).\n\n## Features\n\n- Takes orders\n- Cancels orders\n\n## Usage\n\n```sh\nnpm start\n```\n"),
        ("package.json", """
            {
              "name": "orders", "version": "1.2.3", "license": "MIT", "engines": { "node": ">=20" },
              "bin": { "orders": "bin/cli.js" },
              "scripts": { "build": "tsc", "test": "vitest run", "start": "node src/app.js" },
              "dependencies": { "express": "^5.0.0" },
              "devDependencies": { "vitest": "^3.0.0" }
            }
            """),
        ("package-lock.json", "{}"),
        ("src/app.js", """
            const app = require('express')();
            // app.get('/commented', handler);
            app.get('/orders', list);
            app.post('/orders/:id/cancel', cancel);
            // TODO: page the list
            app.listen(process.env.PORT);
            """),
        ("src/app.test.js", "import { it } from 'vitest';\nit('lists', () => {});\nit('cancels', () => {});\n"),
        ("node_modules/express/index.js", "app.get('/vendored', x);"),
        (
            ".github/workflows/ci.yml",
            "name: CI\non: [push, pull_request]\njobs:\n  test:\n    steps:\n      - run: npm ci\n      - run: |\n          npm run build\n          npm test\n"),
        ("Dockerfile", "FROM node:20-slim\nEXPOSE 8080\n"),
        ("LICENSE", "MIT License\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy"),
        ("CODEOWNERS", "* @acme/orders\n/src/ @alice\n"),
        ("docs/adr/0001-use-express.md", "# Use Express\n\n## Status\n\nAccepted\n"),
        ("ROADMAP.md", "# Road map\n\n- [ ] Refund orders\n- [x] Cancel orders\n"),
    ];

    public static readonly (string Path, string Text)[] DotNet =
    [
        ("README.md", "# Todo\n\nTodo is a small application.\n"),
        ("Todo.sln", "Microsoft Visual Studio Solution File"),
        ("src/Todo.Api/Todo.Api.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="..\Todo.Core\Todo.Core.csproj" /><PackageReference Include="Dapper" Version="2.1.0" /></ItemGroup>
            </Project>
            """),
        (
            "src/Todo.Core/Todo.Core.csproj",
            "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>"),
        (
            "src/Todo.Api/Program.cs",
            "var app = WebApplication.CreateBuilder(args).Build();\nvar group = app.MapGroup(\"/todos\");\ngroup.MapGet(\"/{id}\", Get);\n"),
        ("src/Todo.Core/TodoItem.cs", "namespace Todo;\npublic sealed record TodoItem(int Id);\n"),
        ("tests/Todo.Tests/TodoTests.cs", "public class TodoTests { [Fact] public void Adds() {} [Theory] public void Removes() {} }"),
    ];

    public static readonly (string Path, string Text)[] Python =
    [
        ("README.rst", "Weather\n=======\n\nWeather is a library that reads weather stations.\n"),
        ("pyproject.toml", """
            [project]
            name = "weather"
            version = "2.0.0"
            requires-python = ">=3.11"
            dependencies = ["requests>=2.31", "fastapi"]
            [project.scripts]
            weather = "weather.cli:main"
            [tool.pytest.ini_options]
            testpaths = ["tests"]
            """),
        ("weather/__init__.py", "from .station import Station\n"),
        (
            "weather/station.py",
            "import os\n\nclass Station:\n    \"\"\"\n    @app.get('/documented')\n    \"\"\"\n    key = os.environ['WEATHER_KEY']\n"),
        ("weather/web.py", "@app.get('/stations/{id}')\ndef station(id): ...\n"),
        ("tests/test_station.py", "def test_reads():\n    assert True\n"),
    ];

    public static readonly (string Path, string Text)[] Go =
    [
        ("README.md", "# relay\n\nrelay is a tool that forwards messages.\n"),
        ("go.mod", "module example.com/relay\n\ngo 1.23\n\nrequire (\n\tgithub.com/go-chi/chi/v5 v5.1.0\n\tgolang.org/x/sys v0.1.0 // indirect\n)\n"),
        ("relay.go", "package relay\n\nfunc Forward() {}\n\ntype Message struct{}\n"),
        ("relay_test.go", "package relay\n\nimport \"testing\"\n\nfunc TestForward(t *testing.T) {}\n"),
        ("cmd/relay/main.go", "package main\n\nfunc main() {\n\tr.Get(\"/messages\", list)\n\tos.Getenv(\"RELAY_ADDR\")\n}\n"),
        ("Makefile", "build:\n\tgo build ./...\n\nlint:\n\tgolangci-lint run\n"),
    ];

    public static readonly (string Path, string Text)[] Rust =
    [
        ("README.md", "# grepper\n\ngrepper is a tool that searches text.\n"),
        ("Cargo.toml", "[package]\nname = \"grepper\"\nversion = \"0.3.0\"\nedition = \"2021\"\nlicense = \"MIT\"\n\n[dependencies]\nregex = \"1\"\nmatcher = { path = \"crates/matcher\", version = \"0.1\" }\n\n[workspace]\nmembers = [\"crates/matcher\"]\n"),
        ("src/main.rs", "fn main() {}\n\n#[test]\nfn finds() {}\n"),
        ("crates/matcher/Cargo.toml", "[package]\nname = \"matcher\"\nversion = \"0.1.0\"\n"),
        ("crates/matcher/src/lib.rs", "pub trait Matcher {}\n"),
    ];

    public static readonly (string Path, string Text)[] Java =
    [
        ("README.md", "# Clinic\n\nClinic is an application for vets.\n"),
        ("pom.xml", """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <groupId>org.example</groupId><artifactId>clinic</artifactId><version>3.1.0</version>
              <properties><java.version>21</java.version></properties>
              <dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>
              <build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
            </project>
            """),
        ("mvnw", "#!/bin/sh\n"),
        (
            "src/main/java/org/example/samples/VetController.java",
            "@RequestMapping(\"/vets\")\npublic class VetController {\n  @GetMapping(\"/{id}\")\n  Vet get() {}\n  @PostMapping\n  Vet add() {}\n}\n"),
        ("src/test/java/org/example/VetTests.java", "class VetTests {\n  @Test\n  void gets() {}\n}\n"),
        ("src/main/resources/application.properties", "server.port=8080\nspring.datasource.password=very-secret\n"),
    ];

    public static (string Path, string Text)[] Of(string name) => name switch
    {
        "node" => Node,
        "dotnet" => DotNet,
        "python" => Python,
        "go" => Go,
        "rust" => Rust,
        "java" => Java,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
