package io.densepure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may import whom: the table in ARCHITECTURE.md, checked. */
@AnalyzeClasses(packages = "io.densepure", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "io.densepure.";

  @ArchTest
  static final ArchRule ROOMS_KNOW_ONLY_LOWER_ROOMS =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.densepure..")
          .layer("errors")
          .definedBy("io.densepure")
          .layer("cpu")
          .definedBy(ROOT + "compute.cpu..")
          .optionalLayer("cuda")
          .definedBy(ROOT + "compute.cuda..")
          .layer("compute")
          .definedBy(ROOT + "compute")
          .layer("download")
          .definedBy(ROOT + "download..")
          .layer("weights")
          .definedBy(ROOT + "weights..")
          .layer("convert")
          .definedBy(ROOT + "convert..")
          .layer("model")
          .definedBy(ROOT + "model..")
          .layer("diffusion")
          .definedBy(ROOT + "diffusion..")
          .layer("data")
          .definedBy(ROOT + "data..")
          .layer("certify")
          .definedBy(ROOT + "certify..")
          .layer("config")
          .definedBy(ROOT + "config..")
          .layer("pipeline")
          .definedBy(ROOT + "pipeline..")
          .layer("parity")
          .definedBy(ROOT + "parity..")
          .layer("report")
          .definedBy(ROOT + "report..")
          .layer("api")
          .definedBy(ROOT + "api..")
          .layer("cli")
          .definedBy(ROOT + "cli..")
          .whereLayer("api")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("parity")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("pipeline")
          .mayOnlyBeAccessedByLayers("api", "cli", "parity")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("api", "cli", "pipeline", "download")
          .whereLayer("download")
          .mayOnlyBeAccessedByLayers("cli", "pipeline", "data")
          .whereLayer("certify")
          .mayOnlyBeAccessedByLayers("api", "cli", "report", "pipeline", "parity")
          .whereLayer("diffusion")
          .mayOnlyBeAccessedByLayers("api", "cli", "pipeline", "parity")
          .whereLayer("model")
          .mayOnlyBeAccessedByLayers("cli", "pipeline", "parity", "diffusion")
          .whereLayer("cpu")
          .mayOnlyBeAccessedByLayers("pipeline", "parity")
          .whereLayer("cuda")
          .mayOnlyBeAccessedByLayers("pipeline", "parity", "cli");

  @ArchTest
  static final ArchRule ROOMS_FORM_NO_CYCLE =
      slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_CPU_BACKEND_KNOWS_ONEDNN =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "compute.cpu..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco.dnnl..");

  @ArchTest
  static final ArchRule ONLY_THE_CUDA_BACKEND_KNOWS_JCUDA =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "compute.cuda..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jcuda..");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_PARSES_FLAGS =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");
}
